import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { CedarJudgeCompiler } from '@interlock/adapter-cedar';
import { BeaconSubscriber, JetStreamAggregate, RecordingWriter, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { createEventSeal, KEY_BYTES, keyedDigest, sealFor, verifySignature, type ServiceKeys } from '@interlock/adapter-sealing';
import type { Tracing } from '@interlock/adapter-telemetry';
import { KeyRing } from '@interlock/adapter-tokens';
import { BudgetState, GrantState, ObjectState, PartyActs, SubjectsState, type RpcClient, type Trust } from '@interlock/contracts';
import { TighteningCompiler } from '@interlock/domain-policy';
import type { ExchangeKeys } from '@interlock/gateway';
import { accepted, type Ledger } from '@interlock/kernel';
import { loadParser } from '@interlock/language-postgres';
import { BUS, CLOCK, CONFIG, CONTROL, HEALTH, KEYS, LEDGER, LOGGER, recognition, RPC_CLIENT, SERVICE, TRACING, TRUST, type Clock, type Health, type Logger, type ServiceIdentity } from '@interlock/nest';
import { Connector, CONNECTOR, CONNECTOR_NAME } from './connector.js';
import type { Seals } from './connector-ports.js';
import { SurveyController } from './survey.controller.js';
import { secureContextOf, type ConnectorSettings } from './settings.js';

const BEACON = Symbol('BEACON');
const DEFAULT_HOST = '127.0.0.1';

/** Closes what listens when the application ends, while ledger and bus are still there. */
class Closing implements OnApplicationShutdown {
  constructor(@Inject(CONNECTOR) private readonly connector: Connector, @Inject(BEACON) private readonly beacon: BeaconSubscriber) {}

  async onApplicationShutdown(): Promise<void> {
    await this.connector.close();
    this.beacon.close();
  }
}

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [SurveyController],
  providers: [
    Closing, recognition,
    {
      provide: BEACON,
      inject: [BUS, TRUST, CLOCK, LOGGER],
      useFactory: (bus: Bus, trust: Trust, clock: Clock, logger: Logger) => new BeaconSubscriber(bus, {
        trust, verify: verifySignature, nowMs: clock.nowMs, onProblem: (problem) => logger.warn('the beacon has a problem', { problem }),
      }),
    },
    {
      provide: CONNECTOR,
      inject: [BUS, LEDGER, RPC_CLIENT, CLOCK, CONTROL, BEACON, KEYS, TRUST, LOGGER, CONFIG, HEALTH, TRACING, SERVICE],
      useFactory: async (
        bus: Bus, ledger: Ledger, rpc: RpcClient, clock: Clock, control: ControlFollower, beacon: BeaconSubscriber, keys: ServiceKeys, trust: Trust, logger: Logger,
        settings: ConnectorSettings, health: Health, tracing: Tracing, { instance }: ServiceIdentity,
      ) => {
        await loadParser();
        const seals = sealsOf(keys, trust);
        const connector = new Connector({
          ledger, rpc, control, beacon, seals, logger, tracing, instance,
          clock: { nowMs: () => clock.nowMs(), after },
          compiler: new TighteningCompiler(new CedarJudgeCompiler()),
          grants: new JetStreamAggregate(bus, { stream: 'GRANTS', schema: GrantState }),
          objects: new JetStreamAggregate(bus, { stream: 'OBJECTS', schema: ObjectState }),
          acts: new JetStreamAggregate(bus, { stream: 'ACTS', schema: PartyActs }),
          budgets: new JetStreamAggregate(bus, { stream: 'BUDGETS', schema: BudgetState }),
          subjects: new JetStreamAggregate(bus, { stream: 'BUDGETS', schema: SubjectsState }),
          subjectDigest: keyedDigest(keys.secretFor('budget-subjects')),
          recording: new RecordingWriter(bus, CONNECTOR_NAME),
          keys: exchangeKeys(rpc, seals),
          ringOf: (released) => new KeyRing(released.map((one) => ({ ...one, key: Buffer.from(one.key, 'base64') }))),
          newId: () => randomUUID(),
          random: (bytes) => randomBytes(bytes),
        }, {
          host: settings.INTERLOCK_POSTGRES_HOST ?? DEFAULT_HOST, port: settings.INTERLOCK_POSTGRES_PORT, clearLoopback: settings.INTERLOCK_POSTGRES_CLEAR_LOOPBACK,
          secureContext: await secureContextOf(settings), connections: settings.INTERLOCK_POSTGRES_CONNECTIONS,
        });
        health.add('control plane', () => (connector.ports.watch.isFresh() ? undefined : 'no fresh word'));
        logger.info('the connector listens', { port: await connector.listen() });
        return connector;
      },
    },
  ],
})
export class ConnectorModule {}

function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

function sealsOf(keys: ServiceKeys, trust: Trust): Seals {
  return { seal: (service, purpose, bytes) => sealFor(trust, service, purpose, bytes), open: (box, purpose) => keys.open(box, purpose) };
}

/** A fresh key per exchange; the recorder has it before its first event. */
function exchangeKeys(rpc: RpcClient, seals: Seals): ExchangeKeys {
  return {
    create: async (session, exchange) => {
      const key = randomBytes(KEY_BYTES);
      const keyId = `${CONNECTOR_NAME}.${exchange}.${randomUUID()}`;
      const registered = await rpc.call('recorder.registerKey', { keyId, session, key: seals.seal('recorder', 'event-key', Buffer.from(key.toString('base64'))) });
      return registered.ok ? accepted(createEventSeal(keyId, key)) : registered;
    },
  };
}
