import { MemoryAggregate, MemoryLedger } from '@interlock/adapter-memory-log';
import { accepted, refused, type Outcome } from '@interlock/kernel';
import type { Bundle, ChangeRecord, Configuration, SealedBox } from '@interlock/contracts';
import { principalOf, type Recognised } from '@interlock/domain-identity';
import { ChangeDesk } from '../src/changes/change-desk.js';
import type { ControlPort, MaskingProblem } from '../src/changes/ports.js';

/** A token that stands for the principal with this subject at issuer `demo`. */
export function tokenOf(subject: string): SealedBox {
  return { box: subject, purpose: 'token' };
}

/** The control stream in memory; `broken` loses every bundle before it is stored. */
export class MemoryControl implements ControlPort {
  readonly texts: string[] = [];
  broken = false;

  bundle(): Bundle | undefined {
    const latest = this.texts.at(-1);
    return latest === undefined ? undefined : (JSON.parse(latest) as Bundle);
  }

  publish(text: string): Promise<Outcome<unknown>> {
    if (this.broken) return Promise.reject(new Error('the process ended here'));
    this.texts.push(text);
    return Promise.resolve(accepted(undefined));
  }
}

/** A whole installation's state in memory, and as many desks over it as a test wants. */
export function installation() {
  const records = new MemoryAggregate<ChangeRecord>();
  const ledger = new MemoryLedger();
  const control = new MemoryControl();
  const masking: { problems: MaskingProblem[]; away: boolean } = { problems: [], away: false };
  let ids = 0;
  const desk = () => new ChangeDesk({
    records, ledger, control,
    nowMs: () => Date.parse('2026-11-01T10:00:00.000Z') + ids,
    newId: () => `c${++ids}`,
    recognise: (token, configuration) => Promise.resolve(recognise(token, configuration ?? control.bundle()?.configuration)),
    elevatedTargets: () => Promise.resolve(accepted(['shop'])),
    maskingProblems: () => Promise.resolve(masking.away ? refused('unavailable', 'masking does not answer', { retryable: true }) : accepted(masking.problems)),
  });
  return { records, ledger, control, masking, desk, types: () => ledger.events.map((event) => event.type) };
}

function recognise(token: SealedBox, configuration: Configuration | undefined): Outcome<Recognised> {
  if (!configuration) return refused('not_configured', 'no configuration');
  const principal = principalOf({ issuer: 'demo', subject: token.box, claims: {}, expiresAtMs: 0 }, configuration);
  return principal.ok ? accepted({ principal: principal.value, configuration, expiresAtMs: 0 }) : principal;
}
