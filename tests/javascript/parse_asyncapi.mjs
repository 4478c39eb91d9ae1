// Reads the AsyncAPI documents named on the command line with the official parser.
// Prints one line of JSON for each: errors, and the channels with their messages and operations.
import { Parser, fromFile } from '@asyncapi/parser';

for (const path of process.argv.slice(2)) {
  const { document, diagnostics } = await fromFile(new Parser(), path).parse();
  const channels = {};
  for (const channel of document?.allChannels().all() ?? []) {
    channels[channel.address()] = channel.messages().all().map((message) => message.id()).sort();
  }
  const operations = {};
  for (const operation of document?.allOperations().all() ?? []) {
    operations[operation.id()] = [operation.action(), ...operation.channels().all().map((c) => c.address())];
  }
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 0);
  console.log(JSON.stringify({ errors, channels, operations }));
}
