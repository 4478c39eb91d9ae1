// Reads structured CloudEvents, one per line, from standard input as Kafka messages, with the official SDK.
// Prints each as the SDK understood it, one JSON object per line.
import { createInterface } from 'node:readline';
import { Kafka } from 'cloudevents';

for await (const line of createInterface({ input: process.stdin })) {
  const headers = { 'content-type': 'application/cloudevents+json' };
  const event = Kafka.toEvent({ headers, value: line, body: line });
  event.validate();
  console.log(JSON.stringify(event));
}
