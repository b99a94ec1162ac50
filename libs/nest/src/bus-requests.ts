import type { Bus } from '@interlock/adapter-jetstream';
import type { BusRequest, RequestBus } from './rpc-strategy.js';
import type { Logger } from './logger.js';

/** Requests of one service over its own connection. Messages without a reply subject are nobody's request and are dropped. */
export function busRequests(bus: Bus, logger: Logger): RequestBus {
  return {
    serve: (subject, queue, respond) => {
      const subscription = bus.connection.subscribe(subject, {
        queue,
        callback: (fault, message) => {
          if (fault) return logger.error('requests can no longer be taken', { subject, error: fault });
          if (!message.reply) return;
          const { data, headers } = message;
          const request: BusRequest = { data, headers: { get: (name) => headers?.get(name), set: () => undefined } };
          respond(request).then(
            (reply) => message.respond(reply),
            (error: unknown) => logger.error('a reply could not be sent', { subject, error }),
          );
        },
      });
      return { stop: () => (bus.connection.isClosed() ? Promise.resolve() : subscription.drain()) };
    },
  };
}
