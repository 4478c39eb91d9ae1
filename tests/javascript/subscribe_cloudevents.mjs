// Reads a number of messages from the start of a topic with kafkajs, and prints each as the official SDK
// understood it, one JSON object per line. Arguments: the broker, the topic, the group, the number.
import { Kafka as binding } from 'cloudevents';
import { Kafka, logLevel } from 'kafkajs';

const [broker, topic, groupId, number] = process.argv.slice(2);
const consumer = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR }).consumer({ groupId });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
const events = [];
await new Promise((resolve) =>
  consumer.run({
    eachMessage: async ({ message }) => {
      // kafkajs gives headers as bytes, the SDK takes them as text.
      const headers = Object.fromEntries(Object.entries(message.headers).map(([k, v]) => [k, v.toString()]));
      const event = binding.toEvent({ key: message.key.toString(), headers, value: message.value.toString() });
      event.validate();
      events.push(event);
      if (events.length === Number(number)) resolve();
    },
  }),
);
await consumer.disconnect();
for (const event of events) console.log(JSON.stringify(event));
