import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy, type Provider } from '@nestjs/common';
import type { Ledger } from '@interlock/kernel';
import type { RpcClient, Trust } from '@interlock/contracts';
import { JetStreamLedgerReader, RecordingReader, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { producerVerifier, RevealedKeys, type ServiceKeys } from '@interlock/adapter-sealing';
import type { Tracing } from '@interlock/adapter-telemetry';
import { Recognition } from '@interlock/domain-identity';
import { BUS, CONFIG, CONTROL, HEALTH, KEYS, LEDGER, LOGGER, recognition, RPC_CLIENT, TRACING, TRUST, type Health, type Logger } from '@interlock/nest';
import { ExplainController } from './explain/explain.controller.js';
import { EventOpener } from './ledger/event-opener.js';
import { Feed, type WholeLedger } from './ledger/feed.js';
import { Readers } from './reading/readers.js';
import { ViewsController } from './reading/views.controller.js';
import { AnswerPages } from './replay/answer-pages.js';
import { Recordings } from './replay/recorded-bytes.js';
import { ReplayController } from './replay/replay.controller.js';
import { Replay } from './replay/replay.js';
import type { AuditSettings } from './settings.js';
import { ANSWERS, EVENT_KEYS, GENERATIONS, LEDGER_READER, READERS, REPLAY, VERIFICATION, VIEWS } from './tokens.js';
import { RecordingCheck } from './verify/recording-check.js';
import { Verification } from './verify/verification.js';
import { VerifyController } from './verify/verify.controller.js';
import { Generations } from './views/generations.js';
import { Views } from './views/views.js';

const providers: Provider[] = [
  recognition,
  { provide: GENERATIONS, inject: [CONFIG], useFactory: (settings: AuditSettings) => new Generations(settings.INTERLOCK_VIEWS_URL) },
  { provide: LEDGER_READER, inject: [BUS], useFactory: (bus: Bus) => new JetStreamLedgerReader(bus) },
  { provide: EVENT_KEYS, inject: [RPC_CLIENT, KEYS], useFactory: (rpc: RpcClient, keys: ServiceKeys) => new RevealedKeys({ rpc, keys, from: 'recorder.revealKeys', make: (key) => key }) },
  {
    provide: VIEWS,
    inject: [CONFIG, GENERATIONS, LEDGER_READER, EVENT_KEYS, TRUST, LOGGER, TRACING],
    useFactory: (settings: AuditSettings, generations: Generations, ledger: WholeLedger, keys: RevealedKeys, trust: Trust, log: Logger, tracing: Tracing) =>
      new Views({ url: settings.INTERLOCK_VIEWS_URL, generations, ledger, log, tracing, feed: new Feed(ledger, new EventOpener(keys), producerVerifier(trust), log) }),
  },
  {
    provide: READERS,
    inject: [Recognition, CONTROL, LEDGER, VIEWS],
    useFactory: (people: Recognition, control: ControlFollower, ledger: Ledger, views: Views) => new Readers({ recognition: people, locks: () => control.state.locks.values(), switches: () => views.switches }, ledger),
  },
  {
    provide: REPLAY,
    inject: [VIEWS, BUS, EVENT_KEYS],
    useFactory: (views: Views, bus: Bus, keys: RevealedKeys) => new Replay(views, new Recordings(views, new RecordingReader(bus), keys)),
  },
  {
    provide: ANSWERS,
    inject: [VIEWS, BUS, EVENT_KEYS],
    useFactory: (views: Views, bus: Bus, keys: RevealedKeys) => new AnswerPages(views, new Recordings(views, new RecordingReader(bus), keys)),
  },
  {
    provide: VERIFICATION,
    inject: [LEDGER_READER, RPC_CLIENT, TRUST, GENERATIONS, BUS, EVENT_KEYS],
    useFactory: (ledger: WholeLedger, rpc: RpcClient, trust: Trust, generations: Generations, bus: Bus, keys: RevealedKeys) =>
      new Verification({ ledger, rpc, trust, verify: producerVerifier(trust), generations, recordings: new RecordingCheck(new RecordingReader(bus), keys) }),
  },
];

/** The only place where audit's parts meet. */
@Module({ controllers: [ViewsController, ExplainController, ReplayController, VerifyController], providers })
export class AuditModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(@Inject(VIEWS) private readonly views: Views, @Inject(GENERATIONS) private readonly generations: Generations, @Inject(HEALTH) private readonly health: Health) {}

  async onApplicationBootstrap(): Promise<void> {
    this.health.add('views', () => this.views.problem);
    this.health.warn('evidence', () => this.views.stoppedText);
    this.health.add('database', async () => ((await this.generations.isThere()) ? undefined : 'the database of the views does not answer'));
    await this.views.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.views.close();
    await this.generations.close();
  }
}
