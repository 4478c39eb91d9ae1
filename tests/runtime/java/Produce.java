import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** Publishes each line of its input (key, tab, value) as Java services do. */
class Produce {
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> options = Map.of(
            "bootstrap.servers", arguments[0],
            "compression.type", arguments[2],
            "linger.ms", 1000,
            "key.serializer", StringSerializer.class,
            "value.serializer", StringSerializer.class);
        var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (var producer = new KafkaProducer<String, String>(options)) {
            for (String line = input.readLine(); line != null; line = input.readLine()) {
                String[] parts = line.split("\t", 2);
                producer.send(new ProducerRecord<>(arguments[1], 0, parts[0], parts[1]));
            }
        }
    }
}
