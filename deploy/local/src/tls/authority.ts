import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writePrivate } from '../state/secret-file.js';

/** Files of the local authority and of the one server certificate it signs, for localhost and 127.0.0.1. */
export interface LocalTls {
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** The authority's key is thrown away after the one signature, so the certificate lives as long as the authority. */
const LIFETIME_DAYS = 3_650;

/** Makes an authority and a server certificate once and keeps them in `folder`. `names` are DNS names beside localhost. */
export async function ensureLocalTls(folder: string, names: readonly string[] = []): Promise<LocalTls> {
  const files = { authorityFile: join(folder, 'ca.pem'), certificateFile: join(folder, 'server.pem'), keyFile: join(folder, 'server.key') };
  if (!Object.values(files).every((file) => existsSync(file))) await makeFiles(files, names);
  const [authority, certificate, key] = await Promise.all([files.authorityFile, files.certificateFile, files.keyFile].map((file) => readFile(file, 'utf8')));
  return { ...files, authority: authority ?? '', certificate: certificate ?? '', key: key ?? '' };
}

async function makeFiles(files: Pick<LocalTls, 'authorityFile' | 'certificateFile' | 'keyFile'>, names: readonly string[]): Promise<void> {
  const authorityKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const serverKeys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const period = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + LIFETIME_DAYS * DAY_MS) };
  const name = `CN=Interlock local authority ${randomBytes(4).toString('hex')}`;
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: randomBytes(16).toString('hex'), name, ...period, signingAlgorithm: ALGORITHM, keys: authorityKeys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(authorityKeys.publicKey),
    ],
  });
  const server = await serverCertificate(authority, authorityKeys.privateKey, serverKeys.publicKey, period, ['localhost', ...names]);
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', serverKeys.privateKey);
  await writePrivate(files.keyFile, `${x509.PemConverter.encode(pkcs8, 'PRIVATE KEY')}\n`);
  await writePrivate(files.certificateFile, `${server.toString('pem')}\n`);
  await writePrivate(files.authorityFile, `${authority.toString('pem')}\n`);
}

async function serverCertificate(
  authority: x509.X509Certificate, signingKey: webcrypto.CryptoKey, publicKey: webcrypto.CryptoKey, period: { notBefore: Date; notAfter: Date },
  names: readonly string[],
): Promise<x509.X509Certificate> {
  return x509.X509CertificateGenerator.create({
    serialNumber: randomBytes(16).toString('hex'), subject: 'CN=localhost', issuer: authority.subject, ...period,
    signingAlgorithm: ALGORITHM, publicKey, signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        ...names.map((value) => ({ type: 'dns' as const, value })), { type: 'ip', value: '127.0.0.1' }, { type: 'ip', value: '::1' },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.publicKey),
    ],
  });
}
