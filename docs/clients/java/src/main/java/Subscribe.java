import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import probation.AllocationDue;
import probation.CloudEvent;

/** Prints what must be allocated, and by when. Arguments: the broker and the topic, if not the usual ones. */
public final class Subscribe {
    public static void main(String[] arguments) throws Exception {
        String broker = arguments.length > 0 ? arguments[0] : "localhost:9092";
        String topic = arguments.length > 1 ? arguments[1] : "probation.allocation";
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", broker, "group.id", topic + ".my-subscriber", "auto.offset.reset", "earliest");
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            while (true) {
                for (var message : consumer.poll(Duration.ofSeconds(1))) {
                    CloudEvent event = Json.MAPPER.readValue(message.value(), CloudEvent.class);
                    if (event.getType().equals("AllocationDue")) {
                        AllocationDue due = Json.MAPPER.convertValue(event.getData(), AllocationDue.class);
                        System.out.println(event.getSubject() + " " + due.getSentenceID() + " " + due.getDueOn());
                    }
                }
            }
        }
    }
}
