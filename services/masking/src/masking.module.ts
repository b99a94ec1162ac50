import { randomBytes } from 'node:crypto';
import { Module } from '@nestjs/common';
import { JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { CIPHER_KEY_BYTES } from '@interlock/adapter-tokens';
import { draft, TokenKeyState, type Trust } from '@interlock/contracts';
import type { Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONFIG, CONTROL, LEDGER, recognition, TRUST, type Clock } from '@interlock/nest';
import { ColumnClassification } from './classification.js';
import { KeyCheck } from './keys/key-check.js';
import { KeyDesk } from './keys/key-desk.js';
import { TokenKeys } from './keys/token-keys.js';
import { MaskingController } from './masking.controller.js';
import { maskingKek, type MaskingSettings } from './settings.js';
import { Allowance } from './tokens/allowance.js';
import { Detokeniser } from './tokens/detokeniser.js';
import { TokensController } from './tokens/tokens.controller.js';

/** The only place of this service where ports meet adapters. */
@Module({
  controllers: [MaskingController, TokensController],
  providers: [
    recognition, ColumnClassification, KeyCheck,
    {
      provide: TokenKeys,
      inject: [BUS, CONFIG, LEDGER, CLOCK],
      useFactory: async (bus: Bus, settings: MaskingSettings, ledger: Ledger, clock: Clock) => new TokenKeys({
        store: new JetStreamAggregate(bus, { stream: 'TOKENS', schema: TokenKeyState }), kek: await maskingKek(settings), newKey: () => randomBytes(CIPHER_KEY_BYTES),
        nowIso: () => new Date(clock.nowMs()).toISOString(), record: (made) => ledger.append([draft('tokenkey.made.v1', made)]),
      }),
    },
    {
      provide: KeyDesk,
      inject: [TokenKeys, LEDGER, TRUST, CONTROL],
      useFactory: (keys: TokenKeys, ledger: Ledger, trust: Trust, control: ControlFollower) => new KeyDesk({ keys, ledger, trust, control }),
    },
    {
      provide: Detokeniser,
      inject: [TokenKeys, LEDGER, TRUST, CLOCK],
      useFactory: (keys: TokenKeys, ledger: Ledger, trust: Trust, clock: Clock) => new Detokeniser({ keys, ledger, trust, allowance: new Allowance(() => clock.nowMs()) }),
    },
  ],
})
export class MaskingModule {}
