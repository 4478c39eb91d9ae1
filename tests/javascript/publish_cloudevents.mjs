// Publishes CloudEvents, one per line of standard input, with the official SDK and kafkajs.
// Arguments: the broker, the topic, and the mode: structured or binary.
import { createInterface } from 'node:readline';
import { CloudEvent, Kafka as binding } from 'cloudevents';
import { Kafka, logLevel } from 'kafkajs';

const [broker, topic, mode] = process.argv.slice(2);
const producer = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR }).producer();
await producer.connect();
for await (const line of createInterface({ input: process.stdin })) {
  const message = binding[mode](new CloudEvent(JSON.parse(line)));
  // In binary mode the SDK does not encode the data, and leaves headers without a value. kafkajs accepts neither.
  const value = typeof message.value === 'string' ? message.value : JSON.stringify(message.value);
  const headers = Object.fromEntries(Object.entries(message.headers).filter(([, text]) => text !== undefined));
  await producer.send({ topic, messages: [{ key: message.key, headers, value }] });
}
await producer.disconnect();
