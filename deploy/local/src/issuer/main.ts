import { startIssuer } from './server.js';

const [folder, port] = process.argv.slice(2);
if (folder === undefined || port === undefined) throw new Error('usage: issuer <folder> <port>');
const issuer = await startIssuer(folder, Number(port));
process.send?.({ ready: true });
process.on('SIGHUP', () => void issuer.rotate());
const stop = (): void => void issuer.close().then(() => process.exit(0));
process.once('SIGTERM', stop).once('SIGINT', stop).once('disconnect', stop);
