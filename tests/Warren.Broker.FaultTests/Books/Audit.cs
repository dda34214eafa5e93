using System.Text.Json.Nodes;
using Warren.FaultTests.Clients;
using Warren.Interop.Tests.Mqtt;

namespace Warren.FaultTests.Books;

/// <summary>Compares what a broker has after a restart with what was promised. Takes all messages.</summary>
internal sealed class Audit
{
    private readonly Ledger _ledger;
    private readonly List<string> _problems;
    private readonly Dictionary<(int Id, string Queue), int> _found = [];

    private Audit(Ledger ledger)
    {
        _ledger = ledger;
        _problems = [.. ledger.Problems];
    }

    /// <summary>What was promised and not kept, and what should not be there.</summary>
    internal static async Task<List<string>> RunAsync(Ledger ledger, FaultServer server, string session)
    {
        var audit = new Audit(ledger);
        using (var api = new ApiClient(server.Api))
        {
            audit.CompareDefinitions(await api.DefinitionsAsync());
        }

        using (AmqpClient amqp = AmqpClient.Connect(server.AmqpPort) ?? throw new InvalidOperationException("no AMQP after the restart"))
        {
            foreach (string queue in ledger.Copies.SelectMany(static c => c.Homes).Distinct().Where(q => q != session))
            {
                audit.Empty(amqp, queue);
            }

            await audit.AwaitLateAsync(amqp, session);
        }

        audit.EmptySession(server, session);
        audit.ReadRetained(server);
        audit.CompareMessages();
        return audit._problems;
    }

    private static string Text(JsonNode item, string name) => item[name]!.ToString();

    private void CompareDefinitions(JsonNode definitions)
    {
        IEnumerable<JsonNode> All(string kind) => definitions[kind]!.AsArray().Select(static i => i!);
        var found = new HashSet<string>(StringComparer.Ordinal);
        found.UnionWith(All("vhosts").Select(i => $"vhost {Text(i, "name")}"));
        found.UnionWith(All("users").Select(i => $"user {Text(i, "name")}"));
        found.UnionWith(All("permissions").Select(i => $"permission {Text(i, "user")}@{Text(i, "vhost")}"));
        found.UnionWith(All("policies").Select(i => $"policy {Text(i, "vhost")} {Text(i, "name")}"));
        found.UnionWith(All("queues").Select(i => $"queue {Text(i, "vhost")} {Text(i, "name")}"));
        found.UnionWith(All("exchanges").Select(i => $"exchange {Text(i, "vhost")} {Text(i, "name")}"));
        found.UnionWith(All("bindings").Select(i =>
            $"binding {Text(i, "vhost")} {Text(i, "source")} {Text(i, "destination")} {Text(i, "routing_key")}"));
        foreach ((string name, Presence presence) in _ledger.Definitions)
        {
            if (presence == Presence.There && !found.Contains(name) && !name.StartsWith("session", StringComparison.Ordinal))
            {
                _problems.Add($"answered ok and not there: {name}");
            }
            else if (presence == Presence.Gone && found.Contains(name))
            {
                _problems.Add($"deleted ok and back: {name}");
            }
        }
    }

    // What expired meanwhile may be between its queue and the dead letters.
    private async Task AwaitLateAsync(AmqpClient amqp, string session)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (amqp.IsOpen && TimeProvider.System.GetElapsedTime(start) < FaultServer.Patience)
        {
            string[] missing = [.. _ledger.Copies.Where(c => c.IsPromised && c.Homes.Length > 1 && TimesOf(c) == 0)
                .SelectMany(static c => c.Homes).Distinct().Where(home => home != session)];
            if (missing.Length == 0)
            {
                return;
            }

            await Task.Delay(20);
            Array.ForEach(missing, queue => Empty(amqp, queue));
        }
    }

    private void Empty(AmqpClient amqp, string queue)
    {
        while (amqp.Get(queue, noAck: true) is { } got)
        {
            Count(got.Body, queue);
        }

        if (!amqp.IsOpen)
        {
            _problems.Add($"the connection ended while {queue} was emptied");
        }
    }

    private void EmptySession(FaultServer server, string session)
    {
        Presence known = _ledger.Of($"session {session}");
        if (known == Presence.Gone)
        {
            return;
        }

        using MqttClient? client = MqttClient.Connect(server.MqttPort, session);
        if (client is null)
        {
            _problems.Add($"session {session} cannot be taken up");
            return;
        }

        if (!client.HadSession && known == Presence.There)
        {
            _problems.Add($"answered ok and not there: session {session}");
        }

        // A message may have to be read from the disk first: ask until what was promised is there and nothing more comes.
        Copy[] promised = [.. _ledger.Copies.Where(c => c.IsPromised && c.Homes.Contains(session))];
        long start = TimeProvider.System.GetTimestamp();
        List<MqttPacket> came;
        do
        {
            came = client.Pending();
            came.Where(p => p.Payload.Length > 0).ToList().ForEach(p => Count(p.Payload, session));
        }
        while (client.IsOpen && (came.Count > 0 || (promised.Any(c => TimesOf(c) == 0)
            && TimeProvider.System.GetElapsedTime(start) < FaultServer.Patience)));
    }

    private void ReadRetained(FaultServer server)
    {
        foreach ((string topic, List<int?> possible) in _ledger.Retained)
        {
            using MqttClient? client = MqttClient.Connect(server.MqttPort, "auditor", login => login with { Clean = true, ExpirySeconds = 0 });
            if (client is null || client.Subscribe(topic) != Answer.Yes)
            {
                _problems.Add($"no subscription to {topic} after the restart");
                continue;
            }

            List<MqttPacket> came = [.. client.Pending().Where(static p => p.Retain)];
            int? found = came.Count == 0 ? null : Bodies.Read(came[0].Payload) ?? -1;
            if (came.Count > 1 || !possible.Contains(found))
            {
                _problems.Add($"retained under {topic}: {found?.ToString() ?? "nothing"}, not one of "
                    + string.Join(", ", possible.Select(static p => p?.ToString() ?? "nothing")));
            }
        }
    }

    private void Count(byte[] body, string queue)
    {
        if (Bodies.Read(body) is { } id)
        {
            _found[(id, queue)] = _found.GetValueOrDefault((id, queue)) + 1;
        }
        else
        {
            _problems.Add($"altered: {body.Length} bytes in {queue}");
        }
    }

    private void CompareMessages()
    {
        ILookup<(int Id, string Home), Copy> known =
            _ledger.Copies.SelectMany(static c => c.Homes.Select(home => (Key: (c.Id, home), Copy: c))).ToLookup(static p => p.Key, static p => p.Copy);
        foreach (((int id, string queue), int times) in _found)
        {
            if (!known.Contains((id, queue)))
            {
                _problems.Add($"message {id} is in {queue}, where nobody has sent it");
            }
            else if (times > 1)
            {
                _problems.Add($"message {id} is in {queue} {times} times");
            }
        }

        foreach (Copy copy in _ledger.Copies)
        {
            int times = TimesOf(copy);
            string what = $"message {copy.Id} of {string.Join(" or ", copy.Homes)}";
            if (copy.IsPromised && times == 0)
            {
                _problems.Add($"confirmed and lost: {what}");
            }
            else if (copy.IsOver && times > 0)
            {
                _problems.Add($"answered ok that it is gone, and back: {what}");
            }
            else if (times > 1)
            {
                _problems.Add($"there {times} times: {what}");
            }
        }

        // What was purged since says nothing of the transaction.
        foreach (IGrouping<int, Copy> open in _ledger.Copies.Where(c => c.Transaction > 0 && !c.IsOver && !_ledger.IsEnded(c.Transaction)).GroupBy(static c => c.Transaction))
        {
            int[] done = [.. open.Select(c => (TimesOf(c) > 0) != c.IsTaken ? 1 : 0)];
            if (done.Distinct().Count() > 1)
            {
                _problems.Add($"transaction {open.Key}, whose end was not answered: {done.Sum()} of {done.Length} parts are done");
            }
        }
    }

    private int TimesOf(Copy copy) => copy.Homes.Sum(home => _found.GetValueOrDefault((copy.Id, home)));
}
