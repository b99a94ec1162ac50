// What is measured here is the compiled package as services run it: the sources as the tests run them are several times slower. Standard input is the text, or
// with `cells` a JSON list of cells in base 64; what comes out is JSON.
import { ContentStream, FOUND_KINDS, maskContent, netFor, VALUE_KINDS } from '@interlock/language-content';

const RUNS = 9;
const WARM_UP = 3;
const CHUNK_BYTES = 64 * 1_024;
const ANSWERS = 3_000;
/** Names take their time: a part of the text tells as much. */
const NAMES_BYTES = 200_000;

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const input = Buffer.concat(chunks);
console.log(JSON.stringify(process.argv[2] === 'cells' ? answers(JSON.parse(input.toString()).map((cell) => Buffer.from(cell, 'base64'))) : rates(input)));

function rates(bytes) {
  const numbers = netFor(VALUE_KINDS.filter((kind) => kind !== 'secret'));
  const [net, all] = [netFor(VALUE_KINDS), netFor(FOUND_KINDS)];
  const page = bytes.subarray(0, NAMES_BYTES);
  return { table: rate(bytes, () => numbers.find(bytes)), whole: rate(bytes, () => net.find(bytes)), streamed: rate(bytes, () => streamed(net, bytes)), names: rate(page, () => all.find(page)) };
}

/** Megabytes in a second of one core, the median. By the processor's time, which others at work disturb less than a clock's. */
function rate(bytes, run) {
  const all = Array.from({ length: RUNS }, () => {
    const from = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(from);
    return bytes.length / (user + system);
  });
  return all.slice(WARM_UP).sort((a, b) => a - b)[Math.floor((RUNS - WARM_UP) / 2)];
}

function streamed(net, bytes) {
  const stream = new ContentStream(net, { clear: () => undefined, found: () => undefined });
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) stream.push(bytes.subarray(at, at + CHUNK_BYTES));
  stream.finish();
}

function answers(cells) {
  const times = Array.from({ length: ANSWERS }, () => {
    const from = process.hrtime.bigint();
    for (const cell of cells) maskContent(cell, VALUE_KINDS);
    return Number(process.hrtime.bigint() - from) / 1e6;
  }).slice(ANSWERS / 10).sort((a, b) => a - b);
  return { p50Ms: times[Math.floor(times.length * 0.5)], p99Ms: times[Math.floor(times.length * 0.99)] };
}
