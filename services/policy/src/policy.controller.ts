import { Controller, Inject } from '@nestjs/common';
import { accepted } from '@interlock/kernel';
import { Recognition } from '@interlock/domain-identity';
import { Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { Backtests } from './backtest/backtests.js';
import { ChangeDesk } from './changes/change-desk.js';
import { listedChange } from './changes/show-change.js';
import { Explainer } from './explain/explainer.js';
import { SecondDecision } from './second/second-decision.js';

/** Requests to policy. Whoever asks is recognised here, from their own token. */
@Controller()
export class PolicyController {
  constructor(
    @Inject(ChangeDesk) private readonly desk: ChangeDesk,
    @Inject(Explainer) private readonly explainer: Explainer,
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(SecondDecision) private readonly second: SecondDecision,
    @Inject(Backtests) private readonly backtests: Backtests,
  ) {}

  @Rpc('policy.propose')
  propose({ token, files }: RpcParsed<'policy.propose'>): Promise<RpcAnswer<'policy.propose'>> {
    return this.desk.propose(token, files);
  }

  @Rpc('policy.decideChange')
  decideChange({ token, change, verdict, digest }: RpcParsed<'policy.decideChange'>): Promise<RpcAnswer<'policy.decideChange'>> {
    return this.desk.decide(token, change, { verdict, digest });
  }

  @Rpc('policy.changes')
  async changes({ token }: RpcParsed<'policy.changes'>): Promise<RpcAnswer<'policy.changes'>> {
    const reader = await this.recognition.recogniseAdministrator(token, 'changes', 'audit');
    if (!reader.ok) return reader;
    const stored = await this.desk.list();
    return accepted({ changes: stored.map(({ state }) => listedChange(state)) });
  }

  @Rpc('policy.change')
  async change({ token, change }: RpcParsed<'policy.change'>): Promise<RpcAnswer<'policy.change'>> {
    const reader = await this.recognition.recogniseAdministrator(token, 'changes', 'audit');
    if (!reader.ok) return reader;
    const shown = await this.desk.show(change);
    return shown.ok ? accepted({ change: shown.value }) : shown;
  }

  @Rpc('policy.explain')
  async explain({ token, as, target, text }: RpcParsed<'policy.explain'>): Promise<RpcAnswer<'policy.explain'>> {
    const reader = await this.recognition.recogniseAdministrator(token, 'changes', 'audit');
    return reader.ok ? this.explainer.explain(as, target, text) : reader;
  }

  /** Asked by approval about a plan; the bus lets nobody else ask. */
  @Rpc('policy.foresee')
  async foresee({ as, target, text }: RpcParsed<'policy.foresee'>): Promise<RpcAnswer<'policy.foresee'>> {
    const explained = this.explainer.explain(as, target, text);
    return explained.ok ? accepted({ decision: explained.value.decision }) : explained;
  }

  @Rpc('policy.backtest')
  async backtest({ token, ...wish }: RpcParsed<'policy.backtest'>): Promise<RpcAnswer<'policy.backtest'>> {
    const reader = await this.recognition.recogniseAdministrator(token, 'changes', 'audit');
    return reader.ok ? this.backtests.run(reader.value, wish) : reader;
  }

  @Rpc('policy.secondDecisions')
  async secondDecisions({ token }: RpcParsed<'policy.secondDecisions'>): Promise<RpcAnswer<'policy.secondDecisions'>> {
    const reader = await this.recognition.recogniseAdministrator(token, 'audit', 'changes', 'locks');
    return reader.ok ? accepted(await this.second.report()) : reader;
  }

  @Rpc('policy.configuration')
  async configuration({ token }: RpcParsed<'policy.configuration'>): Promise<RpcAnswer<'policy.configuration'>> {
    const reader = await this.recognition.recogniseAdministrator(token, 'changes', 'audit');
    if (!reader.ok) return reader;
    const inForce = await this.desk.filesInForce();
    return inForce.ok ? accepted({ version: inForce.value.version, files: [...inForce.value.files] }) : inForce;
  }
}
