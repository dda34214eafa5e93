using Warren.Buffers.Fields;
using Warren.Core.Queues;

namespace Warren.Core;

/// <summary>What exchange.declare asks for (AMQP 0-9-1, exchange.declare).</summary>
public sealed record ExchangeDeclaration(
    string Name, string Type, bool Durable, bool AutoDelete, bool Internal, FieldTable Arguments);

/// <summary>What queue.declare asks for (AMQP 0-9-1, queue.declare).</summary>
/// <param name="Name">The name; already made up when <paramref name="ServerNamed"/>.</param>
/// <param name="ServerNamed">The client left the name to the server, so it may begin with amq.</param>
/// <param name="Durable">Survives a restart.</param>
/// <param name="AutoDelete">Goes with its last consumer.</param>
/// <param name="Arguments">The arguments.</param>
/// <param name="Owner">The declaring connection when the queue is exclusive; null otherwise.</param>
public sealed record QueueDeclaration(
    string Name, bool ServerNamed, bool Durable, bool AutoDelete, FieldTable Arguments, IQueueOwner? Owner);
