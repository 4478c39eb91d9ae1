// Publishes a sentence. Arguments: the broker and the topic, if they are not the usual ones.
import { Kafka } from 'kafkajs';
import type { Event } from './events/index.js';

const [broker = 'localhost:9092', topic = 'probation.court'] = process.argv.slice(2);
const sentence: Event<'SentenceImposed'> = {
  specversion: '1.0',
  id: 'my-first-event-in-typescript',
  source: '/feeds/court',
  type: 'SentenceImposed',
  subject: 'X123457',
  time: '2026-06-01T14:30:00+01:00',
  data: {
    sentence_id: 'X123457-1',
    kind: 'community_order',
    imposed_on: '2026-06-01',
    ends_on: '2027-05-31',
    court: { name: 'Highbury Corner', level: 'magistrates' },
    region: 'london',
    pdu: 'Camden and Islington',
    requirements: [{ requirement_id: 'X123457-1-A', kind: 'unpaid_work', amount: 120 }],
    person: { born_on: '1991-04-17', sex: 'male' },
    partner_violence: false,
    sexual_offence: false,
    extremism_offence: false,
  },
};

const producer = new Kafka({ brokers: [broker] }).producer();
await producer.connect();
await producer.send({ topic, messages: [{ key: sentence.subject, value: JSON.stringify(sentence) }] });
await producer.disconnect();
