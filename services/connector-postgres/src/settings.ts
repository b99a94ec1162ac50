import { readFile } from 'node:fs/promises';
import tls from 'node:tls';
import { ConfigurationError, flag, optionalText, port, serviceSettings, wholeNumber, type ServiceSettings } from '@interlock/nest';
import { POSTGRES_LIMITS } from './limits.js';

/** What this connector reads beside the settings of every service. */
export const connectorSettings = serviceSettings.extend({
  INTERLOCK_POSTGRES_HOST: optionalText('Set it to the address to listen on, or leave it out for 127.0.0.1.'),
  INTERLOCK_POSTGRES_PORT: port().default(15_432).describe('Set it to a free TCP port, or leave it out for 15432.'),
  INTERLOCK_POSTGRES_TLS_CERT: optionalText('Set it to the PEM file of the certificate that clients see.'),
  INTERLOCK_POSTGRES_TLS_KEY: optionalText("Set it to the PEM file of that certificate's key."),
  INTERLOCK_POSTGRES_CONNECTIONS: wholeNumber(1, 10_000).default(POSTGRES_LIMITS.connections).describe('Set it to how many sessions there may be at a time, or leave it out for 500.'),
  INTERLOCK_POSTGRES_CLEAR_LOOPBACK: flag().describe('Set it to 1 to accept tokens in clear from this machine, or leave it out.'),
});

export interface ConnectorSettings extends ServiceSettings {
  readonly INTERLOCK_POSTGRES_HOST?: string | undefined;
  readonly INTERLOCK_POSTGRES_PORT: number;
  readonly INTERLOCK_POSTGRES_TLS_CERT?: string | undefined;
  readonly INTERLOCK_POSTGRES_TLS_KEY?: string | undefined;
  readonly INTERLOCK_POSTGRES_CONNECTIONS: number;
  readonly INTERLOCK_POSTGRES_CLEAR_LOOPBACK: boolean;
}

/**
 * The certificate that clients see; undefined where there is none and only loopback may come in clear.
 *
 * @throws ConfigurationError when files are missing or do not belong together.
 */
export async function secureContextOf(settings: ConnectorSettings): Promise<tls.SecureContext | undefined> {
  const { INTERLOCK_POSTGRES_TLS_CERT: certFile, INTERLOCK_POSTGRES_TLS_KEY: keyFile } = settings;
  if (certFile === undefined && keyFile === undefined && settings.INTERLOCK_POSTGRES_CLEAR_LOOPBACK) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new ConfigurationError('INTERLOCK_POSTGRES_TLS_CERT and INTERLOCK_POSTGRES_TLS_KEY must both be set: a token is not accepted in clear.');
  }
  try {
    return tls.createSecureContext({ cert: await readFile(certFile), key: await readFile(keyFile), minVersion: 'TLSv1.2' });
  } catch (fault) {
    throw new ConfigurationError(`INTERLOCK_POSTGRES_TLS_CERT and INTERLOCK_POSTGRES_TLS_KEY cannot be used (${(fault as NodeJS.ErrnoException).code ?? 'not a certificate with its key'}).`);
  }
}
