import com.fasterxml.jackson.core.type.TypeReference;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import probation.*;

/** Publishes a sentence. Arguments: the broker and the topic, if they are not the usual ones. */
public final class Publish {
    public static void main(String[] arguments) throws Exception {
        String broker = arguments.length > 0 ? arguments[0] : "localhost:9092";
        String topic = arguments.length > 1 ? arguments[1] : "probation.court";

        CloudEvent event = new CloudEvent();
        event.setSpecversion(Specversion.THE_10);
        event.setID("my-first-event-in-java");
        event.setSource("/feeds/court");
        event.setType("SentenceImposed");
        event.setSubject("X123458");
        event.setTime(OffsetDateTime.parse("2026-06-01T14:30:00+01:00"));
        event.setData(Json.MAPPER.convertValue(sentence(), new TypeReference<Map<String, Object>>() {}));

        Map<String, Object> settings = Map.of("bootstrap.servers", broker, "acks", "all");
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            String value = Json.MAPPER.writeValueAsString(event);
            producer.send(new ProducerRecord<>(topic, event.getSubject(), value)).get();
        }
    }

    private static SentenceImposed sentence() {
        Court court = new Court();
        court.setName("Highbury Corner");
        court.setLevel(Level.MAGISTRATES);
        SentenceImposedPerson person = new SentenceImposedPerson();
        person.setBornOn(LocalDate.of(1991, 4, 17));
        person.setSex(PractitionerUpdatedSex.MALE);
        SentenceImposedRequirement work = new SentenceImposedRequirement();
        work.setRequirementID("X123458-1-A");
        work.setKind(RequirementKind.UNPAID_WORK);
        work.setAmount(120L);
        SentenceImposed sentence = new SentenceImposed();
        sentence.setSentenceID("X123458-1");
        sentence.setKind(SentenceImposedKind.COMMUNITY_ORDER);
        sentence.setImposedOn(LocalDate.of(2026, 6, 1));
        sentence.setEndsOn(LocalDate.of(2027, 5, 31));
        sentence.setCourt(court);
        sentence.setRegion(Region.LONDON);
        sentence.setPdu("Camden and Islington");
        sentence.setRequirements(List.of(work));
        sentence.setPerson(person);
        sentence.setPartnerViolence(false);
        sentence.setSexualOffence(false);
        sentence.setExtremismOffence(false);
        return sentence;
    }
}
