import type { Provider } from '@nestjs/common';
import { ControlWriter, type Bus } from '@interlock/adapter-jetstream';
import type { ServiceKeys } from '@interlock/adapter-sealing';
import { BUS, KEYS } from '@interlock/nest';

/** `ControlWriter` of this service: it can reach locks only. */
export const CONTROL_WRITER = Symbol('CONTROL_WRITER');

export const controlWriter: Provider = {
  provide: CONTROL_WRITER,
  inject: [BUS, KEYS],
  useFactory: (bus: Bus, keys: ServiceKeys) => new ControlWriter(bus, (text) => keys.sign(text)),
};
