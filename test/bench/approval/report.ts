import { madeBy } from '../made-by.js';
import type { Round } from './latency.js';
import type { Parked } from './parked.js';

/** The whole report, as Markdown. */
export function report(rounds: readonly Round[], parked: Parked): string {
  return [
    '# Benchmarks of approval', '',
    madeBy('approval'), '',
    'One machine, every service, the target and the clients on it; the bus and the target sync every write. Times begin when a person\'s yes is sent to the REST door, and end by the target\'s own clock,',
    'in the moment in which it begins to run the command (`clock_timestamp()`), which is a little later than its first byte arrives.', '',
    '## From the approval to the target', '', ...latency(rounds), '',
    `## ${parked.commands} commands that wait at once, on one connector`, '', ...waiting(parked), '',
  ].join('\n');
}

function latency(rounds: readonly Round[]): string[] {
  const row = (what: string, of: (round: Round) => number): string[] => [what, String(rounds.length), ...shares(rounds.map(of))];
  return table(['milliseconds', 'commands', 'p50', 'p99', 'most'], [row('until the command runs at the target', ({ toTargetMs }) => toTargetMs), row('until the yes is answered', ({ toAnswerMs }) => toAnswerMs)]);
}

function waiting({ commands, memoryMb: { before, open, parked }, parkSeconds, answeredSeconds, releasedSeconds, releasedMs }: Parked): string[] {
  return [
    ...table(['memory of the connector, MB', 'at all', 'KB each'], [
      ['before', before.toFixed(0), ''], ['with a session for each, idle', open.toFixed(0), kilobytes(open - before, commands)], ['with a waiting command in each', parked.toFixed(0), kilobytes(parked - open, commands)],
    ]), '',
    'Resident memory of its process, which shares it with nothing but other connectors; what the collector has not given back counts.', '',
    ...table(['seconds', ''], [
      [`until all ${commands} waited, sent 25 at a time`, parkSeconds.toFixed(2)], ['from the first yes until the last one is answered', answeredSeconds.toFixed(2)], ['from the first yes until the last command runs', releasedSeconds.toFixed(2)],
      ['of these commands, p50 and p99', shares(releasedMs).slice(0, 2).map((ms) => (Number(ms) / 1_000).toFixed(2)).join(', ')],
    ]), '',
    'One person agrees to what one agent asks for at once, up to 50 requests an answer, one answer after the other.',
  ];
}

function kilobytes(mb: number, commands: number): string {
  return ((mb * 1_024) / commands).toFixed(0);
}

/** p50, p99 and the most. */
function shares(values: readonly number[]): string[] {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)]!;
  return [at(0.5), at(0.99), at(1)].map((value) => value.toFixed(1));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [`| ${head.join(' | ')} |`, `|${head.map((_, at) => (at === 0 ? '---' : '---:')).join('|')}|`, ...rows.map((row) => `| ${row.join(' | ')} |`)];
}
