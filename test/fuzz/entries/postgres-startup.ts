import {
  decodeStartupPacket, encodeCancelRequest, encodeSslRequest, encodeStartupMessage, negotiateVersion, StartupReader,
} from '@interlock/protocol-postgres';
import { must, type FuzzEntry } from '../fuzz.js';
import { cut } from './feeding.js';

const PARAMETERS = [['user', 'agent-etl'], ['database', 'shop'], ['application_name', 'psql'], ['options', '-c search_path=a'], ['_pq_.x', '1']] as const;
const STARTUP = encodeStartupMessage(PARAMETERS, 2);

function read(chunks: readonly Buffer[]): string {
  const reader = new StartupReader();
  for (const [place, chunk] of chunks.entries()) {
    const step = reader.push(chunk);
    if (!step.ok) return step.violation.reason;
    if (step.value === undefined) continue;
    const { packet, rest } = step.value;
    if (packet.kind === 'startup') must(packet.user !== '' && negotiateVersion(packet).minor <= 2, 'a session has a user and a version we speak');
    // Which bytes lie behind the packet depends on the cut, their number does not.
    return `${packet.kind} and ${rest.length + chunks.slice(place + 1).reduce((sum, one) => sum + one.length, 0)}`;
  }
  return 'incomplete';
}

/** A request for encryption may stand alone only: where the cut falls decides whether bytes behind it were there "together" with it. */
const DEPENDS_ON_CUT = /^(sslRequest|gssEncRequest|cancelRequest|bytes-before-encryption|trailing-bytes|directTls)/;

const GSSENC_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48]);

export const startup: FuzzEntry = {
  name: 'startup packets',
  seeds: [STARTUP, encodeSslRequest(), GSSENC_REQUEST, encodeCancelRequest(7, Buffer.alloc(32, 1)), Buffer.concat([encodeSslRequest(), STARTUP]), Buffer.concat([STARTUP, Buffer.from('Q\0\0\0\x08abc\0')]), Buffer.from([0x16, 3, 1, 0, 5])],
  run: (input, random) => {
    decodeStartupPacket(input);
    const whole = read([input]);
    const parts = read(cut(input, random));
    must(whole === parts || DEPENDS_ON_CUT.test(whole) || DEPENDS_ON_CUT.test(parts), `the cut changes nothing: ${whole}, ${parts}`);
    return whole.split(' and ')[0]!;
  },
};
