using Warren.FaultTests.Books;
using Warren.FaultTests.Clients;
using Warren.Interop.Tests.Mqtt;
using Warren.Interop.Tests.Raw;

namespace Warren.FaultTests.Workloads;

/// <summary>A bit of everything a broker does, the same in every run, with a restart in the middle.</summary>
/// <remarks>Whatever is refused or unanswered is noted and the next thing is tried, as clients would.</remarks>
internal sealed class StandardWorkload : IDisposable
{
    /// <summary>The client id of the subscriber whose session stays.</summary>
    internal const string Session = "s1";

    private static readonly TimeSpan Ttl = TimeSpan.FromMinutes(10);
    private static readonly string[] Wide = [.. Enumerable.Range(0, 8).Select(static i => $"q.wide{i}")];

    private readonly Ledger _ledger;
    private readonly LaterTime _time;
    private readonly FaultServer _server;
    private readonly ApiClient _api;
    private AmqpClient? _amqp;

    internal StandardWorkload(Ledger ledger, LaterTime time, FaultServer server)
    {
        _ledger = ledger;
        _time = time;
        _server = server;
        _api = new ApiClient(server.Api);
    }

    /// <summary>Everything before the restart.</summary>
    internal async Task FirstLifeAsync()
    {
        DeclareQueues();
        DeclareExchanges();
        PublishToQueues();
        PublishOverExchanges();
        Transact();
        ConsumeAndSettle();
        LetExpire(Ttl + Ttl);
        Purge("q.purge");
        Delete();
        await OperateAsync();
        UseMqtt();
        PageOut();
        LetExpire(TimeSpan.Zero);
    }

    /// <summary>Everything after it; what was to expire has meanwhile.</summary>
    internal void SecondLife()
    {
        Publish([.. Enumerable.Range(0, 10).Select(_ => To("q.plain"))]);
        Take("q.quorum", 4);
        Publish([To("q.quorum")]);
        DeleteQueue(Wide[7]);
        Declare(Wide[7]);
        Publish([To(Wide[7])]);
        Move("q.plain", "q.moved", commits: true);
        ReceiveMqtt(2);
        Purge("q.plain");
    }

    /// <summary>Time passes while nobody is there.</summary>
    internal static void PassTime(LaterTime time) => time.Advance(Ttl + Ttl);

    /// <inheritdoc/>
    public void Dispose()
    {
        _amqp?.Dispose();
        _api.Dispose();
    }

    // The connection, again when the last one has ended; null when there is no way in.
    private AmqpClient? Amqp()
    {
        if (_amqp is not { IsOpen: true })
        {
            _amqp?.Dispose();
            _ledger.LostTrack();
            _amqp = AmqpClient.Connect(_server.AmqpPort);
        }

        return _amqp;
    }

    private void DeclareQueues()
    {
        foreach (string queue in Wide.Append("q.plain").Append("q.large").Append("q.dead").Append("q.moved").Append("q.purge").Append("q.doomed").Append("q.page"))
        {
            Declare(queue);
        }

        Declare("q.ttl", ("x-message-ttl", (long)Ttl.TotalMilliseconds), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "q.dead"));
        Declare("q.quorum", ("x-queue-type", "quorum"), ("x-dead-letter-exchange", ""), ("x-dead-letter-routing-key", "q.dead"));
    }

    private void DeclareExchanges()
    {
        Define("exchange / x.fan", true, RawMethod.ExchangeDeclare("x.fan", "fanout", durable: true), 11);
        Define("exchange / x.topic", true, RawMethod.ExchangeDeclare("x.topic", "topic", durable: true), 11);
        Define("exchange / x.gone", true, RawMethod.ExchangeDeclare("x.gone", "direct", durable: true), 11);
        foreach (string queue in Wide)
        {
            Define($"binding / x.fan {queue} ", true, RawMethod.QueueBind(queue, "x.fan"), 21);
        }

        Define("binding / x.topic q.plain a.#", true, RawMethod.QueueBind("q.plain", "x.topic", "a.#"), 21);
        Define("binding / x.topic q.large b", true, RawMethod.QueueBind("q.large", "x.topic", "b"), 21);
    }

    private void PublishToQueues()
    {
        Publish([.. Enumerable.Range(0, 20).Select(_ => To("q.plain"))]);
        Publish([.. Enumerable.Range(0, 10).Select(_ => To("q.quorum"))]);
        Publish([To("q.large", 300_000), To("q.large", 70_000), To("q.large", 2_500_000), To("q.large", 500_000)]);
    }

    private void PublishOverExchanges()
    {
        var messages = new List<(Outgoing, Copy[])>();
        for (int i = 0; i < 6; i++)
        {
            int id = _ledger.NextId();
            Copy[] copies = [.. Wide.Where(q => _ledger.Of($"binding / x.fan {q} ") == Presence.There).Select(q => _ledger.Expect(id, q))];
            foreach (string queue in Wide.Where(q => _ledger.Of($"binding / x.fan {q} ") == Presence.Unknown))
            {
                _ledger.Expect(id, queue);
            }

            messages.Add((new Outgoing("x.fan", "", Bodies.Make(id)), copies));
        }

        for (int i = 0; i < 5; i++)
        {
            int id = _ledger.NextId();
            messages.Add((new Outgoing("x.topic", "a.b.c", Bodies.Make(id, 5_000)), [_ledger.Expect(id, "q.plain")]));
        }

        Publish(messages);
    }

    private void Transact()
    {
        TransactTo(Wide[..5], commits: true);
        TransactTo(Wide[2..], commits: false);
        Move("q.plain", "q.moved", commits: true);
        Move("q.plain", "q.moved", commits: false);
        TransactTo(Wide, commits: true);
    }

    private void TransactTo(string[] queues, bool commits)
    {
        int transaction = _ledger.NextTransaction();
        List<(Outgoing Message, Copy[] Copies)> parts = [.. queues.SelectMany(q => new[] { To(q), To(q, 20_000) })];
        parts.ForEach(p => p.Copies[0].Transaction = transaction);
        Answer answer = Amqp()?.Transact(parts.Select(static p => p.Message), [], static _ => { }, commits) ?? Answer.Lost;
        _ledger.Transacted(transaction, commits, answer);
    }

    private void Move(string from, string to, bool commits)
    {
        int transaction = _ledger.NextTransaction();
        List<(Outgoing Message, Copy[] Copies)> parts = [To(to), To(to)];
        parts.ForEach(p => p.Copies[0].Transaction = transaction);
        Answer answer = Amqp()?.Transact(
            parts.Select(static p => p.Message),
            [from, from],
            got =>
            {
                if (_ledger.Find(got.Body, from) is { } copy)
                {
                    copy.Transaction = transaction;
                    copy.IsTaken = true;
                }
            },
            commits) ?? Answer.Lost;
        _ledger.Transacted(transaction, commits, answer);
        foreach (Copy taken in _ledger.Copies.Where(c => c.Transaction == transaction && c.IsTaken && _ledger.IsEnded(transaction) && !commits))
        {
            taken.Transaction = 0; // back as before; later transactions may take it
            taken.IsTaken = false;
        }
    }

    private void ConsumeAndSettle()
    {
        // acknowledged, given back and taken again, rejected to the dead letters, and left open at the end of the channel
        if (Amqp()?.Count("q.quorum") is not >= 6)
        {
            return;
        }

        _amqp!.Consume("q.quorum", 6, got =>
        {
            foreach (Incoming message in got.Take(2))
            {
                if (_ledger.Find(message.Body, "q.quorum") is { } copy)
                {
                    _ledger.Acknowledged(copy);
                }
            }

            if (_ledger.Find(got[3].Body, "q.quorum") is { } rejected)
            {
                _ledger.Copies.Add(Rejected(rejected));
                _ledger.Copies.Remove(rejected);
            }

            return [RawMethod.BasicAck(got[1].Tag, multiple: true), RawMethod.BasicNack(got[2].Tag, requeue: true), RawMethod.BasicReject(got[3].Tag, requeue: false)];
        });
        Publish([To("q.quorum")]);
        Take("q.plain", 5);
        Publish([To("q.plain")]);
    }

    // From now on it is in its queue or among the dead letters.
    private Copy Rejected(Copy copy)
    {
        var moved = new Copy(copy.Id, [.. copy.Homes.Append("q.dead").Distinct()]);
        if (copy.IsPromised && _ledger.Of("queue / q.dead") == Presence.There)
        {
            moved.Promise();
        }

        return moved;
    }

    private void Take(string queue, int count)
    {
        for (int i = 0; i < count && Amqp()?.Get(queue) is { } got; i++)
        {
            if (_ledger.Find(got.Body, queue) is { } copy)
            {
                _amqp!.Acknowledge(got);
                _ledger.Acknowledged(copy);
            }
        }
    }

    private void LetExpire(TimeSpan later)
    {
        var messages = new List<(Outgoing, Copy[])>();
        for (int i = 0; i < 10; i++)
        {
            int id = _ledger.NextId();
            messages.Add((new Outgoing("", "q.ttl", Bodies.Make(id)), [_ledger.Expect(id, "q.ttl", "q.dead")]));
        }

        Publish(messages);
        _time.Advance(later);
    }

    private void Purge(string queue)
    {
        Publish([.. Enumerable.Range(0, 10).Select(_ => To(queue))]);
        _ledger.Emptied(queue, Amqp()?.Call(RawMethod.QueuePurge(queue), 31) ?? Answer.Lost);
        Publish([To(queue)]);
    }

    private void Delete()
    {
        Publish([To("q.doomed"), To("q.doomed", 100_000)]);
        DeleteQueue("q.doomed");
        Define("binding / x.topic q.large b", false, RawMethod.QueueUnbind("q.large", "x.topic", "b"), 51);
        Define("exchange / x.gone", false, RawMethod.ExchangeDelete("x.gone"), 21);
    }

    private async Task OperateAsync()
    {
        const string Policy = """{"pattern":"^nothing$","definition":{"max-length":5},"apply-to":"queues"}""";
        await DefineAsync("policy / kept", true, "/policies/%2F/kept", Policy);
        await DefineAsync("policy / cleared", true, "/policies/%2F/cleared", Policy);
        await DefineAsync("policy / cleared", false, "/policies/%2F/cleared");
        await DefineAsync("user kept", true, "/users/kept", """{"password":"p","tags":""}""");
        await DefineAsync("permission kept@/", true, "/permissions/%2F/kept", """{"configure":".*","write":".*","read":".*"}""");
        await DefineAsync("user removed", true, "/users/removed", """{"password":"p","tags":""}""");
        await DefineAsync("user removed", false, "/users/removed");
        await DefineAsync("vhost kept", true, "/vhosts/kept", "{}");
        await DefineAsync("vhost removed", true, "/vhosts/removed", "{}");
        foreach (string host in new[] { "kept", "removed" })
        {
            using AmqpClient? inside = AmqpClient.Connect(_server.AmqpPort, host);
            for (int i = 0; i < 3 && inside is not null; i++)
            {
                string name = $"queue {host} inner{i}";
                _ledger.Define(name, true, inside.Call(RawMethod.QueueDeclare($"inner{i}", durable: true), 11));
                inside.Publish([new Outgoing("", $"inner{i}", Bodies.Make(_ledger.NextId()))]);
            }
        }

        await DefineAsync("vhost removed", false, "/vhosts/removed");
        _ledger.ForgetBelow(
            static d => d.StartsWith("queue removed ", StringComparison.Ordinal),
            _ledger.Of("vhost removed") == Presence.Gone ? Answer.Yes : Answer.No);
    }

    private void UseMqtt()
    {
        using (MqttClient? subscriber = MqttClient.Connect(_server.MqttPort, Session))
        {
            _ledger.Define($"session {Session}", true, subscriber?.Subscribe("m/#") ?? Answer.Lost);
            subscriber?.Leave();
        }

        using (MqttClient? publisher = MqttClient.Connect(_server.MqttPort, "p1"))
        {
            for (int i = 0; i < 12; i++)
            {
                int id = _ledger.NextId();
                Copy copy = _ledger.Expect(id, Session);
                byte[] body = Bodies.Make(id, i == 5 ? 200_000 : 200);
                Answer answer = publisher is null ? Answer.Lost
                    : i % 2 == 0 ? publisher.PublishOnce("m/a", body) : publisher.PublishTwice("m/b/c", body);
                _ledger.Published(copy, answer);
            }

            Retain(publisher, "r/kept");
            Retain(publisher, "r/kept");
            Retain(publisher, "r/cleared");
            _ledger.Retain("r/cleared", null, publisher?.PublishOnce("r/cleared", [], retain: true) ?? Answer.Lost);
            publisher?.Leave();
        }

        ReceiveMqtt(4);
    }

    private void Retain(MqttClient? publisher, string topic)
    {
        int id = _ledger.NextId();
        _ledger.Retain(topic, id, publisher?.PublishOnce(topic, Bodies.Make(id), retain: true) ?? Answer.Lost);
    }

    private void ReceiveMqtt(int count)
    {
        using MqttClient? subscriber = MqttClient.Connect(_server.MqttPort, Session);
        if (subscriber is null)
        {
            return;
        }

        foreach (MqttPacket message in subscriber.Pending().Where(static p => p.Payload.Length > 0).Take(count))
        {
            if (_ledger.Find(message.Payload, Session) is { } copy)
            {
                copy.Release();
                if (subscriber.Settle(message, static _ => { }) == Answer.Yes)
                {
                    copy.End();
                }
            }
        }

        subscriber.Leave();
    }

    // More than the page budget, so that bodies go to the page file and come back.
    private void PageOut()
    {
        List<(Outgoing, Copy[])> messages = [];
        for (int i = 0; i < 30; i++)
        {
            int id = _ledger.NextId();
            messages.Add((new Outgoing("", "q.page", Bodies.Make(id, 120_000), IsPersistent: false), [_ledger.Expect(id, "q.page")]));
        }

        Publish(messages);
        while (Amqp()?.Get("q.page", noAck: true) is { } got)
        {
            _ledger.Find(got.Body, "q.page")?.End();
        }

        _ledger.Emptied("q.page", Answer.Yes); // what is transient may be lost, and does not come back
    }

    private (Outgoing Message, Copy[] Copies) To(string queue, int size = 200)
    {
        int id = _ledger.NextId();
        return (new Outgoing("", queue, Bodies.Make(id, size)), [_ledger.Expect(id, queue)]);
    }

    private void Publish(List<(Outgoing Message, Copy[] Copies)> messages)
    {
        AmqpClient? amqp = Amqp();
        Answer[] answers = amqp?.Publish([.. messages.Select(static m => m.Message)]) ?? [.. messages.Select(static _ => Answer.Lost)];
        for (int i = 0; i < answers.Length; i++)
        {
            foreach (Copy copy in messages[i].Copies)
            {
                _ledger.Published(copy, answers[i]);
            }
        }

        if (answers.Contains(Answer.Yes) && amqp is { IsOpen: true } && !answers.Contains(Answer.No))
        {
            _ledger.Covered();
        }
    }

    private void Declare(string queue, params (string, object?)[] arguments) => Define(
        $"queue / {queue}", true, RawMethod.QueueDeclare(queue, durable: true, arguments: arguments), 11);

    private void DeleteQueue(string queue)
    {
        Define($"queue / {queue}", false, RawMethod.QueueDelete(queue), 41);
        Answer answer = _ledger.Of($"queue / {queue}") == Presence.Gone ? Answer.Yes : Answer.No;
        _ledger.Emptied(queue, answer);
        _ledger.ForgetBelow(d => d.StartsWith("binding ", StringComparison.Ordinal) && d.Contains($" {queue} ", StringComparison.Ordinal), answer);
    }

    // What was refused is asked for once more: a yes the second time counts as one.
    private void Define(string name, bool isMade, RawMethod method, ushort replyId)
    {
        Answer answer = Amqp()?.Call(method, replyId) ?? Answer.Lost;
        _ledger.Define(name, isMade, answer);
        if (answer == Answer.No && _amqp is { IsOpen: true })
        {
            _ledger.Define(name, isMade, _amqp.Call(method, replyId));
        }
    }

    private async Task DefineAsync(string name, bool isMade, string path, string? body = null)
    {
        HttpMethod method = isMade ? HttpMethod.Put : HttpMethod.Delete;
        Answer answer = await _api.SendAsync(method, path, body);
        _ledger.Define(name, isMade, answer);
        if (answer == Answer.No)
        {
            _ledger.Define(name, isMade, await _api.SendAsync(method, path, body));
        }
    }
}
