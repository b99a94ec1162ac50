import { z } from 'zod';
import { Principal } from '../principal.js';

/** One principal reached one target. Recorded before the client hears that it is in. */
export const SessionOpened = z.object({
  principal: Principal,
  target: z.string(),
  protocol: z.string(),
  clientAddress: z.string(),
  /** What the client calls itself, untrusted. */
  clientApplication: z.string().optional(),
  /** What the client says it is for, by which it may see more of what is masked. */
  purpose: z.string().optional(),
  tokenExpiresAt: z.string(),
  bundleVersion: z.number().int(),
});

export const SessionClosed = z.object({
  reason: z.enum(['client_closed', 'target_closed', 'token_expired', 'locked', 'revoked', 'protocol_violation', 'ledger_unavailable', 'control_plane_silent', 'shutdown', 'fault']),
  detail: z.string().optional(),
  commands: z.number().int(),
  bytesToClient: z.number().int(),
});

/** Someone was not let in. */
export const AuthenticationRefused = z.object({
  reason: z.string(),
  detail: z.string(),
  protocol: z.string(),
  claimedUser: z.string().optional(),
  target: z.string().optional(),
  clientAddress: z.string(),
});

/** More strangers were turned away than are recorded singly: how many, from how many addresses, and when. */
export const StrangersUnrecorded = z.object({
  protocol: z.string(),
  /** By the type of the event that each would have been. */
  refused: z.record(z.string(), z.number().int().positive()),
  addresses: z.number().int().positive(),
  /** There were more addresses than are told apart. */
  moreAddresses: z.boolean(),
  from: z.string(),
  until: z.string(),
});

/** Bytes that the protocol does not allow; the connection was closed and nothing of them forwarded. */
export const ProtocolViolation = z.object({
  reason: z.string(),
  detail: z.string(),
  protocol: z.string(),
  clientAddress: z.string(),
});
