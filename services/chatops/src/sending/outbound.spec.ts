import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { destination, type Said } from '../../spec/given.js';
import { isPrivate, Outbound, type Letter } from './outbound.js';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => { await Promise.all(open.splice(0).map((one) => one.close())); });

async function heardBy(said: Said) {
  const place = await destination(() => said);
  open.push(place);
  return place;
}

const { send } = new Outbound();
const letter = (url: string, more: Partial<Letter> = {}): Letter => ({ url, headers: { 'content-type': 'application/json' }, body: '{}', network: 'private', ...more });

describe('a letter', () => {
  it('arrives as it is, and its answer comes back', async () => {
    const place = await heardBy({ status: 429, headers: { 'retry-after': '7' }, body: 'slow down' });
    expect(await send(letter(`${place.url}/in?x=1`, { body: 'grüße' }))).toEqual({ status: 429, body: 'slow down', retryAfterMs: 7_000 });
    expect(place.heard).toEqual([expect.objectContaining({ url: '/in?x=1', method: 'POST', body: 'grüße' })]);
  });

  it('follows no redirect', async () => {
    const elsewhere = await heardBy({});
    const place = await heardBy({ status: 307, headers: { location: elsewhere.url } });
    expect(await send(letter(place.url))).toMatchObject({ status: 307 });
    expect(elsewhere.heard).toEqual([]);
  });

  it.each(['http://127.0.0.1:9/', 'https://[::1]/', 'https://10.1.2.3/', 'https://169.254.169.254/latest', 'https://[::ffff:127.0.0.1]/', 'https://2130706433/', 'https://localhost/', 'https://[fd00::1]/'])('to the public does not go to %s', async (url) => {
    await expect(send(letter(url, { network: 'public' }))).rejects.toMatchObject({ message: expect.stringContaining('private address'), fate: 'not sent' });
  });

  it('knows what is private', () => {
    expect(['192.168.1.1', '172.31.0.1', '100.64.0.1', '0.0.0.0', '224.0.0.1', '::', 'fe80::1', '64:ff9b::a00:1', '::ffff:10.0.0.1'].filter((address) => !isPrivate(address))).toEqual([]);
    expect(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '::ffff:1.1.1.1'].filter(isPrivate)).toEqual([]);
  });

  it('that meets nobody was not sent; one whose answer is cut off may have arrived', async () => {
    const place = await heardBy({ hangUp: true });
    await expect(send(letter(place.url))).rejects.toMatchObject({ fate: 'unknown' });
    const closed = createServer();
    await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
    const { port } = closed.address() as { port: number };
    await new Promise((resolve) => closed.close(resolve));
    await expect(send(letter(`http://127.0.0.1:${port}/`))).rejects.toMatchObject({ fate: 'not sent' });
  });

  it('that is under way when the service ends does not hold it up, and may have arrived', async () => {
    const silent = createServer((socket) => void socket.on('error', () => undefined).resume());
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const heard = new Promise<void>((resolve) => silent.once('connection', (socket) => socket.once('data', () => resolve())));
    const outbound = new Outbound();
    const sent = outbound.send(letter(`http://127.0.0.1:${(silent.address() as { port: number }).port}/`));
    await heard;
    outbound.onApplicationShutdown();
    await expect(sent).rejects.toMatchObject({ fate: 'unknown' });
    await new Promise((resolve) => silent.close(resolve));
  });

  it('does not read an answer without end', async () => {
    const place = await heardBy({ body: 'x'.repeat(257 * 1024) });
    await expect(send(letter(place.url))).rejects.toMatchObject({ message: expect.stringContaining('more than 262144 bytes'), fate: 'unknown' });
  });
});
