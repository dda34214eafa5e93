using System.Collections.Concurrent;
using Warren.Interop.Tests.Raw;
using Warren.Wire.Amqp091;
using static Warren.Interop.Tests.Security.MatrixBroker;

namespace Warren.Interop.Tests.Security;

/// <summary>Every method of AMQP 0-9-1 for every role: reliability, 40, 41 and 47.</summary>
public sealed class AmqpPermissionTests(MatrixBroker broker) : IClassFixture<MatrixBroker>, IDisposable
{
    private readonly ConcurrentDictionary<string, RawClient> _clients = new(StringComparer.Ordinal);

    public static TheoryData<string> Rows => [.. AmqpTable.Rows.Select(r => r.What)];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (RawClient client in _clients.Values)
        {
            client.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Operation_is_answered_by_the_rights_of_the_user(string what)
    {
        AmqpRow row = AmqpTable.Rows.Single(r => r.What == what);

        foreach (Role role in Role.All.Where(r => r.MayEnter))
        {
            await RunAsync(row, role.User, role.FirstMissing(row.Needs));
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task Operation_takes_every_one_of_its_rights(string what)
    {
        AmqpRow row = AmqpTable.Rows.Single(r => r.What == what);
        foreach (Need need in row.Needs.Where(n => n.Name != "*"))
        {
            broker.AllowAllBut(need);
            await RunAsync(row, Picky, need);
        }

        broker.AllowAll();
        await RunAsync(row, Picky, missing: null);
    }

    [Theory]
    [InlineData("passive queue.declare")]
    [InlineData("passive exchange.declare")]
    [InlineData("queue.bind")]
    [InlineData("queue.unbind")]
    [InlineData("queue.purge")]
    [InlineData("queue.delete")]
    [InlineData("basic.get")]
    [InlineData("basic.consume")]
    [InlineData("basic.publish")]
    [InlineData("exchange.bind")]
    [InlineData("exchange.delete")]
    public void Who_may_not_touch_a_name_does_not_learn_whether_it_is_there(string operation)
    {
        // reliability, 41
        string user = new Role("", Rights.None).User;
        RawClose there = Refuse(operation, user, operation.Contains("exchange", StringComparison.Ordinal) || operation == "basic.publish" ? Direct : Queue);
        RawClose notThere = Refuse(operation, user, New);

        Assert.Equal(403, there.Code);
        Assert.Equal(there with { Text = "" }, notThere with { Text = "" });
        Assert.Equal(there.Text.Replace(Queue, New, StringComparison.Ordinal).Replace(Direct, New, StringComparison.Ordinal), notThere.Text);
    }

    [Fact]
    public void Any_right_on_a_name_is_enough_to_ask_whether_it_is_there()
    {
        foreach (Role role in Role.All.Where(r => r.Rights is not (Rights.NoAccess or Rights.None)))
        {
            RawClient client = ClientOf(role.User);
            client.OpenChannel(1);
            client.Call(1, RawMethod.QueueDeclare(Queue, passive: true), 11);
            client.Call(1, RawMethod.ExchangeDeclare(Direct, passive: true), 11);
            client.Call(1, RawMethod.ChannelClose(), 41);
        }
    }

    [Fact]
    public void A_virtual_host_opens_to_those_with_any_permission_in_it()
    {
        foreach (Role role in Role.All)
        {
            using RawClient client = Authenticate(role.User, Role.Password);
            client.Send(0, RawMethod.ConnectionOpen(VirtualHost));
            if (role.MayEnter)
            {
                client.Expect(0, 10, 41);
            }
            else
            {
                RawClose close = client.ExpectConnectionClose();
                Assert.Equal((530, $"NOT_ALLOWED - access to vhost '{VirtualHost}' refused for user '{role.User}'"), (close.Code, close.Text));
            }
        }
    }

    [Fact]
    public void A_login_takes_the_password()
    {
        foreach (Role role in Role.All.Where(r => r.Rights == Rights.All))
        {
            using (Authenticate(role.User, Role.Password))
            {
                // let in
            }

            using var client = RawClient.Connect("127.0.0.1", broker.AmqpPort);
            client.SendProtocolHeader();
            client.Expect(0, 10, 10);
            client.Send(0, RawMethod.ConnectionStartOk(
                response: $"\0{role.User}\0wrong", properties: [("capabilities", RawClient.Capabilities("authentication_failure_close"))]));
            Assert.Equal(403, client.ExpectConnectionClose().Code);
        }
    }

    [Fact]
    public void A_second_answer_to_a_challenge_is_no_way_in()
    {
        using var client = RawClient.Connect("127.0.0.1", broker.AmqpPort);
        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, new RawMethod(10, 21, new RawWriter().LongString("\0guest\0guest").ToArray()));
        client.Send(0, RawMethod.ConnectionOpen(VirtualHost));

        byte[] answer = client.ReadToEnd();

        // Silence or a close, never connection.tune (10,30).
        Assert.True(answer.Length == 0 || (answer[0] == 1 && (answer[10], answer[12]) != ((byte)10, (byte)30)), Convert.ToHexString(answer));
    }

    [Fact]
    public void Everybody_may_leave()
    {
        foreach (Role role in Role.All.Where(r => r.MayEnter))
        {
            using RawClient client = Authenticate(role.User, Role.Password);
            client.Send(0, RawMethod.ConnectionOpen(VirtualHost));
            client.Expect(0, 10, 41);
            client.OpenChannel(1);
            client.Send(1, new RawMethod(20, 21, [1])); // channel.flow-ok nobody asked for
            client.Call(1, RawMethod.BasicQos(1), 11);
            client.Call(0, RawMethod.ConnectionClose(), 51);
            client.ExpectSocketClosed();
        }
    }

    private async Task RunAsync(AmqpRow row, string user, Need? missing)
    {
        RawClient client = ClientOf(user);
        string who = $"{row.What} by {user}";
        client.OpenChannel(1);
        row.Act(client, 1);
        RawFrame answer = client.ReadNoHeartbeat();
        if (missing is not null)
        {
            Assert.True(answer.Is(20, 40), $"{who}: expected a refusal, got {answer}");
            var close = RawClose.Of(answer);
            client.Send(1, RawMethod.ChannelCloseOk());
            Assert.Equal((403, (int)((uint)row.Method >> 16), (int)((uint)row.Method & 0xFFFF)), (close.Code, close.ClassId, close.MethodId));
            Assert.True(Fits(missing.RefusalOf(user), close.Text), $"{who}: {close.Text}");
            await broker.AssertUntouchedAsync(who);
            return;
        }

        var reply = new { Class = (ushort)((uint)row.Reply >> 16), Method = (ushort)((uint)row.Reply & 0xFFFF) };
        Assert.True(answer.Is(reply.Class, reply.Method), $"{who}: expected {row.Reply}, got {answer}");
        if (row.Reply == MethodId.ChannelClose)
        {
            Assert.NotEqual(403, RawClose.Of(answer).Code);
            client.Send(1, RawMethod.ChannelCloseOk());
        }
        else
        {
            Close(client);
        }

        if (row.Needs.Length == 0)
        {
            await broker.AssertUntouchedAsync(who);
            return;
        }

        if (row.What.Contains("exclusive", StringComparison.Ordinal) || row.What.Contains("without a name", StringComparison.Ordinal))
        {
            _clients.TryRemove(user, out _);
            client.Call(0, RawMethod.ConnectionClose(), 51); // its queues go with it
            client.Dispose();
        }

        await broker.RestoreAsync();
    }

    // Deliveries may be on their way.
    private static void Close(RawClient client)
    {
        client.Send(1, RawMethod.ChannelClose());
        while (!client.ReadNoHeartbeat().Is(20, 41))
        {
            // what was sent before
        }
    }

    private static bool Fits(string pattern, string text)
    {
        string[] parts = pattern.Split("'*'");
        return parts.Length == 1
            ? pattern == text
            : text.StartsWith(parts[0] + "'amq.gen-", StringComparison.Ordinal) && text.EndsWith(parts[1], StringComparison.Ordinal);
    }

    private RawClose Refuse(string operation, string user, string name)
    {
        RawClient client = ClientOf(user);
        client.OpenChannel(1);
        switch (operation)
        {
            case "passive queue.declare":
                client.Send(1, RawMethod.QueueDeclare(name, passive: true));
                break;
            case "passive exchange.declare":
                client.Send(1, RawMethod.ExchangeDeclare(name, passive: true));
                break;
            case "queue.bind":
                client.Send(1, RawMethod.QueueBind(name, "amq.direct", "k"));
                break;
            case "queue.unbind":
                client.Send(1, RawMethod.QueueUnbind(name, "amq.direct", "k"));
                break;
            case "queue.purge":
                client.Send(1, RawMethod.QueuePurge(name));
                break;
            case "queue.delete":
                client.Send(1, RawMethod.QueueDelete(name));
                break;
            case "basic.get":
                client.Send(1, RawMethod.BasicGet(name));
                break;
            case "basic.consume":
                client.Send(1, RawMethod.BasicConsume(name));
                break;
            case "basic.publish":
                client.Publish(1, name, "k", "x"u8);
                break;
            case "exchange.bind":
                client.Send(1, RawMethod.ExchangeBind(name, name));
                break;
            default:
                client.Send(1, RawMethod.ExchangeDelete(name));
                break;
        }

        return client.ExpectChannelClose(1);
    }

    private RawClient ClientOf(string user) => _clients.GetOrAdd(user, name =>
    {
        RawClient client = Authenticate(name, Role.Password);
        client.Send(0, RawMethod.ConnectionOpen(VirtualHost));
        client.Expect(0, 10, 41);
        return client;
    });

    private RawClient Authenticate(string user, string password)
    {
        var client = RawClient.Connect("127.0.0.1", broker.AmqpPort);
        client.SendProtocolHeader();
        client.Expect(0, 10, 10);
        client.Send(0, RawMethod.ConnectionStartOk(response: $"\0{user}\0{password}"));
        client.Expect(0, 10, 30);
        client.Send(0, RawMethod.ConnectionTuneOk());
        return client;
    }
}
