import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPrincipals } from '@interlock/deploy-local';
import { beforeAll, expect, it } from 'vitest';
import { Browser, hiddenFields } from './system/browser.js';
import { eventually } from './system/eventually.js';
import type { Place } from './system/installation.js';
import { SHARED_START_MS, sharedInstallation } from './system/shared.js';
import { CHECKOUT } from './system/tools.js';

let place: Place;
beforeAll(async () => { place = await sharedInstallation(); }, SHARED_START_MS);

/** The command of someone with a home of their own and no token in the environment. */
function run(home: string, args: readonly string[]): { said(): string; readonly ended: Promise<number | null> } {
  const child = spawn(process.execPath, [join(CHECKOUT, 'services', 'cli', 'bin', 'interlock.js'), ...args], {
    cwd: home, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '', HOME: home, INTERLOCK_API: `http://127.0.0.1:${place.ports.api}` },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return { said: () => said, ended: new Promise((resolve, reject) => child.once('error', reject).once('close', resolve)) };
}

it('a person logs in with a browser at the demonstration issuer, and acts as who they are', async () => {
  const home = mkdtempSync(join(tmpdir(), 'interlock-home-'));
  const issuer = `http://127.0.0.1:${place.ports.issuer}`;
  const { principals } = await readPrincipals(join(place.state, 'demo', 'principals.json'));
  const login = run(home, ['login', '--issuer', issuer]);
  const [address, code] = await eventually('the command shows where to confirm which code', () => /Open (\S+) and confirm the code (\S+)\./.exec(login.said())?.slice(1));

  const browser = new Browser();
  const opened = await browser.open(address!);
  const confirm = opened.text.includes('op.deviceConfirmForm') ? opened : await browser.open(`${issuer}/device`, hiddenFields(opened.text));
  expect(confirm.text).toContain(code);
  const form = await browser.open(`${issuer}/device`, { ...hiddenFields(confirm.text), confirm: 'yes' });
  expect((await browser.open(form.url, { name: 'security', secret: principals['security']!.clientSecret })).text).toContain('Signed in');

  expect(await login.ended).toBe(0);
  expect(login.said()).toMatch(/Logged in until 20/);
  const file = join(home, '.config', 'interlock', 'login.json');
  expect([statSync(file).mode & 0o777, statSync(join(home, '.config', 'interlock')).mode & 0o777]).toEqual([0o600, 0o700]);
  expect(login.said()).not.toContain((JSON.parse(readFileSync(file, 'utf8')) as { token: string }).token);
  const who = run(home, ['whoami']);
  expect(await who.ended).toBe(0);
  expect(who.said()).toMatch(/^security \(human\)/);
}, 60_000);
