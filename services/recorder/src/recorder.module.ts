import { join } from 'node:path';
import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy, type Provider } from '@nestjs/common';
import type { Ledger, LedgerReader } from '@interlock/kernel';
import type { Trust } from '@interlock/contracts';
import { JetStreamLedgerReader, type Bus } from '@interlock/adapter-jetstream';
import { producerVerifier, type ServiceKeys } from '@interlock/adapter-sealing';
import type { Tracing } from '@interlock/adapter-telemetry';
import { LogDamaged, type NoteSigner } from '@interlock/adapter-tile-log';
import { BUS, CLOCK, CONFIG, HEALTH, KEYS, LEDGER, LOGGER, SERVICE, TRACING, TRUST, type Clock, type Health, type Logger, type ServiceIdentity } from '@interlock/nest';
import { KeysController } from './keys/keys.controller.js';
import { KeyStore } from './keys/key-store.js';
import { incidentText, Recorder, StoppedRecorder, type Keeper } from './recorder.js';
import { DamagedLog } from './sealing/damaged-log.js';
import { LogController } from './sealing/log.controller.js';
import { SealedLog, type ServedLog } from './sealing/sealed-log.js';
import { logOrigin, recorderKek, recorderLimits, type RecorderSettings } from './settings.js';
import { OpenCommands } from './settlement/open-commands.js';
import { decisionReader } from './settlement/read-decision.js';
import { Settlement } from './settlement/settlement.js';
import { KEY_STORE, LEDGER_READER, RECORDER, SEALED_LOG } from './tokens.js';

/** A damaged log does not keep the recorder down: without it nobody could register a key, nor read what is wrong. */
async function openLog(directory: string, signer: NoteSigner): Promise<SealedLog | DamagedLog> {
  try {
    return await SealedLog.open(directory, signer);
  } catch (fault) {
    if (fault instanceof LogDamaged) return DamagedLog.open(directory, signer, fault.message);
    throw fault;
  }
}

const providers: Provider[] = [
  {
    provide: KEY_STORE,
    inject: [CONFIG, SERVICE],
    useFactory: async (settings: RecorderSettings, { stateDir }: ServiceIdentity) => KeyStore.open(join(stateDir, 'event-keys'), await recorderKek(settings)),
  },
  {
    provide: SEALED_LOG,
    inject: [CONFIG, SERVICE, KEYS],
    useFactory: (settings: RecorderSettings, { stateDir }: ServiceIdentity, keys: ServiceKeys) =>
      openLog(stateDir, { name: logOrigin(settings), publicKey: Buffer.from(keys.publicSigningKey, 'base64'), sign: (text) => keys.sign(text) }),
  },
  { provide: LEDGER_READER, inject: [BUS], useFactory: (bus: Bus) => new JetStreamLedgerReader(bus) },
  {
    provide: RECORDER,
    inject: [LEDGER_READER, SEALED_LOG, KEY_STORE, LEDGER, TRUST, CLOCK, LOGGER, CONFIG, TRACING],
    useFactory: (reader: LedgerReader, sealed: SealedLog | DamagedLog, keys: KeyStore, ledger: Ledger, trust: Trust, clock: Clock, log: Logger, settings: RecorderSettings, tracing: Tracing): Keeper => {
      if (sealed instanceof DamagedLog) return new StoppedRecorder(sealed.detail, log);
      const open = new OpenCommands(decisionReader(keys), sealed.state.open);
      return new Recorder({ reader, verify: producerVerifier(trust), sealer: sealed.sealer, open, settlement: new Settlement(open, ledger, clock, log), log, tracing, limits: recorderLimits(settings) }, sealed.state);
    },
  },
];

/** The only place where the recorder's parts meet. */
@Module({ controllers: [KeysController, LogController], providers })
export class RecorderModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(RECORDER) private readonly recorder: Keeper,
    @Inject(SEALED_LOG) private readonly sealed: ServedLog,
    @Inject(KEY_STORE) private readonly keys: KeyStore,
    @Inject(HEALTH) private readonly health: Health,
  ) {}

  onApplicationBootstrap(): void {
    this.health.add('sealing', () => this.recorder.problem);
    this.health.warn('evidence', () => this.recorder.incident && incidentText(this.recorder.incident));
    this.recorder.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.recorder.close();
    await this.sealed.close();
    await this.keys.close();
  }
}
