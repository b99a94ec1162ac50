import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPrincipals } from '@interlock/deploy-local';
import { chromium, type BrowserContext, type Page } from 'playwright-core';
import type { Place } from './installation.js';
import type { Name } from './people.js';
import { testBrowser } from './tools.js';

/** Nothing that would speak to anyone but the installation, or need more of this machine than a page does. */
const ARGUMENTS = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A person in front of a browser of their own, with nothing in it. */
export interface Person {
  readonly page: Page;
  /** What the browser itself complained about: broken rules of the page's policy, faults in its scripts. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Opens the approval page in a real browser, headless, in a fresh profile. */
export async function openPage(place: Place, path = '/'): Promise<Person> {
  const profile = mkdtempSync(join(tmpdir(), 'interlock-browser-'));
  const context: BrowserContext = await chromium.launchPersistentContext(profile, { executablePath: await testBrowser(), headless: true, chromiumSandbox: false, args: ARGUMENTS });
  context.setDefaultTimeout(20_000);
  const page = context.pages()[0] ?? (await context.newPage());
  const complaints: string[] = [];
  page.on('console', (message) => { if (message.type() === 'error') complaints.push(message.text()); });
  page.on('pageerror', (fault) => complaints.push(String(fault)));
  await page.goto(`http://localhost:${place.ports.api}${path}`);
  return { page, complaints, close: async () => { await context.close(); rmSync(profile, { recursive: true, force: true }); } };
}

/** Signs in as people do: over the issuer's login page and back. */
export async function signIn(place: Place, { page }: Person, name: Name): Promise<void> {
  const { principals } = await readPrincipals(join(place.state, 'demo', 'principals.json'));
  await page.getByRole('button', { name: /^Sign in with/ }).click();
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Secret').fill(principals[name]!.clientSecret);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(`Signed in as ${name}`).waitFor();
}

/** Gives the browser an authenticator of its own: in software, with a person who is there and is verified. */
export async function addAuthenticator({ page }: Person): Promise<void> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
}
