import { Controller, Inject } from '@nestjs/common';
import type { ControlFollower } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { Recognition } from '@interlock/domain-identity';
import { refused } from '@interlock/kernel';
import { CONTROL, KEYS, Rpc, type RpcAnswer, type RpcParsed } from '@interlock/nest';
import { CONNECTOR, type Connector } from './connector.js';
import { survey, surveyedTarget } from './survey.js';

/** What is asked of a connector over the bus. */
@Controller()
export class SurveyController {
  constructor(
    @Inject(CONNECTOR) private readonly connector: Connector,
    @Inject(Recognition) private readonly recognition: Recognition,
    @Inject(KEYS) private readonly keys: ServiceKeys,
    @Inject(CONTROL) private readonly control: ControlFollower,
  ) {}

  @Rpc('connector-postgres.survey')
  async survey({ target: name, ...wish }: RpcParsed<'connector-postgres.survey'>): Promise<RpcAnswer<'connector-postgres.survey'>> {
    const { bundle } = this.control.state;
    if (!bundle) return refused('not_configured', 'This installation has no configuration yet.');
    const target = surveyedTarget(bundle.configuration.targets, name);
    if (!target.ok) return target;
    return survey({ ...this.connector.ports, recognition: this.recognition, openToken: (sealed) => this.keys.openText(sealed, 'token') }, target.value, wish);
  }
}
