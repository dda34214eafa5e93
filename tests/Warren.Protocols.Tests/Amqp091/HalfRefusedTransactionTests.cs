using System.Reflection;
using Warren.Buffers;
using Warren.Buffers.Fields;
using Warren.Core;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Core.Security;
using Warren.Protocols.Amqp091;
using Warren.Protocols.Tests.Amqp091.InMemory;
using Warren.Wire.Amqp091;
using Xunit;

namespace Warren.Protocols.Tests.Amqp091;

/// <summary>A tx.commit whose messages are stored, and behind which the log takes nothing more.</summary>
public sealed class HalfRefusedTransactionTests
{
    [Fact]
    public void What_is_stored_is_delivered_whole_and_the_commit_is_not_answered_ok()
    {
        InMemoryBroker? running = null;
        int asked = 0;
        using var broker = new InMemoryBroker(format: new Watched(() =>
        {
            if (++asked == 2)
            {
                SetState(running!, "OutOfSpace"); // the disk gets full just now
            }
        }));
        running = broker;
        broker.Broker.RetainingExchange = "amq.topic";
        using var client = broker.Connect();
        client.DeclareQueue("q"u8, durable: true);
        MessageQueue queue = broker.VirtualHost.FindQueue("q")!;
        broker.VirtualHost.BindQueue(User.Operator, "amq.topic", queue, "#", FieldTable.Empty);
        byte[] scratch = new byte[4096];
        client.Send(scratch.AsSpan(0, MethodWriter.WriteEmpty(scratch, 1, MethodId.TxSelect)));
        for (int i = 0; i < 3; i++)
        {
            Publish(client, (byte)('a' + i));
        }

        client.Send(scratch.AsSpan(0, MethodWriter.WriteEmpty(scratch, 1, MethodId.TxCommit)));
        client.Receive();

        Assert.Equal(MethodId.ConnectionClose, client.LastMethod);
        SetState(broker, "Open");
        for (int i = 0; i < 3; i++)
        {
            Assert.True(queue.TryGet(noAck: true, new FlushSet(), out TakenMessage taken));
            Assert.Equal((byte)('a' + i), taken.Message.Body[0]);
            taken.Message.Payload.Release();
        }
    }

    private static void Publish(InMemoryClient client, byte fill)
    {
        const int size = 100_000;
        var headers = new FieldTable();
        headers.Add("x-retain", FieldValue.Of(true));
        byte[] properties = BasicPropertiesWriter.Write(new BasicPropertyValues { DeliveryMode = 2, Headers = headers });
        byte[] body = new byte[size];
        Array.Fill(body, fill);
        byte[] one = new byte[size + 2048];
        int length = ClientMethodWriter.WritePublish(one, 1, "amq.topic"u8, "k"u8);
        length += MethodWriter.WriteContentHeader(one.AsSpan(length), 1, size, properties);
        length += MethodWriter.WriteBody(one.AsSpan(length), 1, body);
        client.Send(one.AsSpan(0, length));
    }

    private static void SetState(InMemoryBroker broker, string to)
    {
        const BindingFlags hidden = BindingFlags.Instance | BindingFlags.NonPublic;
        object log = typeof(Broker).GetProperty("Log", hidden)!.GetValue(broker.Broker)!;
        object memory = log.GetType().GetProperty("Memory", hidden)!.GetValue(log)!;
        PropertyInfo state = memory.GetType().GetProperty("State", hidden)!;
        state.SetValue(memory, Enum.Parse(state.PropertyType, to));
    }

    private sealed class Watched(Action onRetain) : MessageFormat
    {
        private static readonly Amqp091MessageFormat Inner = Amqp091MessageFormat.Instance;

        public override byte Tag => Inner.Tag;

        public override bool TryFindHeader(ReadOnlySpan<byte> properties, ReadOnlySpan<byte> name, out FieldValue value)
        {
            if (name.SequenceEqual("x-retain"u8))
            {
                onRetain();
            }

            return Inner.TryFindHeader(properties, name, out value);
        }

        public override FieldTable ReadHeaders(ReadOnlySpan<byte> properties) => Inner.ReadHeaders(properties);

        public override byte[] WithHeaders(ReadOnlySpan<byte> properties, FieldTable headers, bool keepExpiration) =>
            Inner.WithHeaders(properties, headers, keepExpiration);

        public override string? ReadExpiration(ReadOnlySpan<byte> properties) => Inner.ReadExpiration(properties);
    }
}
