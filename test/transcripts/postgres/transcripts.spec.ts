import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TestTarget } from './target.js';
import { lineOf, lineOfEvent, matches, readTranscript, type Step } from './transcript.js';
import { WireClient } from './wire-client.js';
import { World } from './world.js';

const folder = fileURLToPath(new URL('dialogues', import.meta.url));
let target: TestTarget;
let world: World;

beforeAll(async () => {
  target = await TestTarget.start();
  world = await World.start(target);
});
afterAll(async () => {
  await world?.stop();
  await target?.stop();
});
beforeEach(() => world.forget());

async function play(steps: readonly Step[]): Promise<void> {
  let client: WireClient | undefined;
  try {
    for (const step of steps) {
      if (step.kind === 'connect') client = await WireClient.enter(world.port, step.user, step.database, world.token(step.user), step.parameters);
      else if (step.kind === 'send') client!.send(...step.messages);
      else if (step.kind === 'vote') expect(await world.vote(await world.waitingApproval(), step.approver, step.verdict)).toMatchObject({ ok: true });
      else if (step.line === 'closed') await client!.whenClosed();
      else {
        const line = lineOf(await client!.next().catch((fault: Error) => { throw new Error(`${step.line}: ${fault.message}`); }));
        expect(matches(step.line, line), `expected: ${step.line}\n     got: ${line}`).toBe(true);
      }
    }
  } finally {
    client?.close();
  }
}

describe('dialogues', () => {
  it.each(readdirSync(folder).filter((file) => file.endsWith('.txt')))('%s', async (file) => {
    const transcript = readTranscript(readFileSync(join(folder, file), 'utf8'));
    await play(transcript.steps);
    const seen = (): string[] => world.ledger.events.map(lineOfEvent).filter((line) => line !== undefined);
    await world.until('the end of the session', () => seen().some((line) => line.startsWith('session.closed')));
    const events = seen().filter((line) => !line.startsWith('session.closed client_closed'));
    expect(events.map((line, index) => (matches(transcript.ledger[index] ?? '', line) ? transcript.ledger[index] : line))).toEqual(transcript.ledger);
    expect(world.problems.splice(0)).toEqual([]);
  });
});
