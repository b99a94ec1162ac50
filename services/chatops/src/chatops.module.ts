import { Module } from '@nestjs/common';
import { JetStreamAggregate, type Bus, type ControlFollower } from '@interlock/adapter-jetstream';
import { sealFor } from '@interlock/adapter-sealing';
import { ChatDelivery, type RpcClient, type Trust } from '@interlock/contracts';
import type { Ledger } from '@interlock/kernel';
import { BUS, CLOCK, CONFIG, CONTROL, LEDGER, LOGGER, readSecretFile, RPC_CLIENT, TRUST, type Clock, type Logger } from '@interlock/nest';
import { Channels } from './channels/channels.js';
import type { DoorPorts } from './door/door.js';
import { DOOR_PORTS, DoorListener } from './door/listener.js';
import { Backlog, Follower } from './follower.js';
import { Outbound } from './sending/outbound.js';
import { PostOffice } from './sending/post-office.js';
import type { ChatopsSettings } from './settings.js';

/** The only place of this service where ports meet adapters. */
@Module({
  providers: [
    Follower, Backlog, DoorListener, Outbound,
    {
      provide: PostOffice,
      inject: [BUS, LEDGER, CLOCK, LOGGER],
      useFactory: (bus: Bus, ledger: Ledger, clock: Clock, logger: Logger) => new PostOffice({
        deliveries: new JetStreamAggregate(bus, { stream: 'CHAT', schema: ChatDelivery }), ledger, nowMs: () => clock.nowMs(), warn: (message, fields) => logger.warn(message, fields),
      }),
    },
    {
      provide: Channels,
      inject: [Outbound, CONFIG, CLOCK],
      useFactory: ({ send }: Outbound, settings: ChatopsSettings, clock: Clock) => new Channels({ send, secret: (name) => readSecretFile(settings.INTERLOCK_CHATOPS_SECRETS_DIR, name), nowMs: () => clock.nowMs() }),
    },
    { provide: DOOR_PORTS, inject: [RPC_CLIENT, CONTROL, TRUST, Channels, CLOCK, LOGGER], useFactory: doorPorts },
  ],
})
export class ChatopsModule {}

function doorPorts(rpc: RpcClient, control: ControlFollower, trust: Trust, channels: Channels, clock: Clock, logger: Logger): DoorPorts {
  return {
    rpc, chat: () => control.state.bundle?.configuration.chat, nowMs: () => clock.nowMs(),
    seal: (request) => sealFor(trust, 'approval', 'chat-request', Buffer.from(JSON.stringify(request))),
    whisper: (slack, user, words) => channels.slack.whisper(slack, user, words),
    note: (what, fields) => logger.warn(what, fields),
  };
}
