// Prints what must be allocated, and by when. Arguments: the broker and the topic, if they are not the usual ones.
import { Kafka, logLevel } from 'kafkajs';
import type { Event, Topics } from './events/index.js';

const [broker = 'localhost:9092', topic = 'probation.allocation'] = process.argv.slice(2);
const consumer = new Kafka({ brokers: [broker], logLevel: logLevel.ERROR }).consumer({ groupId: `${topic}.my-subscriber` });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({
  eachMessage: async ({ message }) => {
    const event: Event<Topics['allocation']> = JSON.parse(String(message.value));
    if (event.type === 'AllocationDue') console.log(event.subject, event.data.sentence_id, event.data.due_on);
  },
});
