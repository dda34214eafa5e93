using Warren.Core.Arguments;
using Warren.Core.Security;
using Warren.Storage.Metadata;
using Xunit;

namespace Warren.Core.Tests.Security;

public sealed class AuthorizerTests
{
    private readonly UserStore _users = new(new MemoryMetadataStore());
    private readonly Authorizer _authorizer;
    private readonly User _alice;

    public AuthorizerTests()
    {
        _users.Add("alice", "secret", []);
        _alice = _users.Find("alice")!;
        _authorizer = new Authorizer(_users);
    }

    [Theory]
    [InlineData(".*", "anything", true)]
    [InlineData("^alice-", "alice-queue", true)]
    [InlineData("^alice-", "bob-alice-queue", false)]
    [InlineData("alice", "bob-alice-queue", true)]
    [InlineData("", "anything", false)]
    [InlineData("", "", true)]
    [InlineData("^$", "anything", false)]
    [InlineData("^(orders|amq\\.default)$", "amq.default", true)]
    [InlineData("^(orders|amq\\.default)$", "orders2", false)]
    [InlineData("^(?!secret)", "open", true)]
    [InlineData("^(?!secret)", "secret-1", false)]
    [InlineData("(", "anything", false)]
    public void An_expression_is_searched_in_the_name_and_an_empty_one_means_nothing_at_all(
        string pattern,
        string name,
        bool allowed)
    {
        _users.SetPermissions("alice", "/", pattern, "^$", "^$");

        Assert.Equal(allowed, _authorizer.Check(_alice, "/", name, PermissionKind.Configure));
        Assert.Equal(allowed, _authorizer.Check(_alice, "/", name, PermissionKind.Configure));
        Assert.Equal(allowed, _authorizer.CheckAny(_alice, "/", name));
    }

    [Fact]
    public void Each_right_has_its_own_expression()
    {
        _users.SetPermissions("alice", "/", "^c", "^w", "^r");

        Assert.True(_authorizer.Check(_alice, "/", "c1", PermissionKind.Configure));
        Assert.False(_authorizer.Check(_alice, "/", "c1", PermissionKind.Write));
        Assert.True(_authorizer.Check(_alice, "/", "w1", PermissionKind.Write));
        Assert.False(_authorizer.Check(_alice, "/", "w1", PermissionKind.Read));
        Assert.True(_authorizer.Check(_alice, "/", "r1", PermissionKind.Read));
        Assert.True(_authorizer.CheckAny(_alice, "/", "r1"));
    }

    [Fact]
    public void A_virtual_host_without_permissions_is_closed()
    {
        _users.SetPermissions("alice", "/", ".*", ".*", ".*");

        Assert.True(_authorizer.MayAccess(_alice, "/"));
        Assert.False(_authorizer.MayAccess(_alice, "other"));
        Assert.False(_authorizer.Check(_alice, "other", "q", PermissionKind.Read));
    }

    [Fact]
    public void A_right_taken_away_is_gone_at_once()
    {
        _users.SetPermissions("alice", "/", ".*", "^w", ".*");
        Assert.True(_authorizer.Check(_alice, "/", "w1", PermissionKind.Write));
        long version = _authorizer.Version;

        _users.SetPermissions("alice", "/", ".*", "^x", ".*");
        Assert.False(_authorizer.Check(_alice, "/", "w1", PermissionKind.Write));
        Assert.True(_authorizer.Version > version);

        Assert.True(_users.ClearPermissions("alice", "/"));
        Assert.False(_users.ClearPermissions("alice", "/"));
        Assert.False(_authorizer.MayAccess(_alice, "/"));
    }

    [Fact]
    public void An_expression_that_explodes_refuses_instead_of_hanging()
    {
        _users.SetPermissions("alice", "/", "^(a+)+$", "^(a+)+\\1$", "^$");
        string name = new string('a', 60) + "!";

        Assert.False(_authorizer.Check(_alice, "/", name, PermissionKind.Configure));
        Assert.False(_authorizer.Check(_alice, "/", name, PermissionKind.Write));
    }

    [Fact]
    public void More_names_than_are_remembered_are_still_answered_rightly()
    {
        _users.SetPermissions("alice", "/", "7$", "^$", "^$");

        for (int i = 0; i < 25_000; i++)
        {
            Assert.Equal(i % 10 == 7, _authorizer.Check(_alice, "/", $"q{i}", PermissionKind.Configure));
        }
    }

    [Theory]
    [InlineData("sensor.alice.temp", true)]
    [InlineData("sensor.bob.temp", false)]
    public void Topic_permissions_limit_the_keys_of_one_exchange(string key, bool allowed)
    {
        _users.SetTopicPermissions("alice", "/", "amq.topic", "^sensor\\.{username}\\.", "^$");

        Assert.Equal(allowed, _authorizer.CheckTopic(_alice, "/", "amq.topic", key, PermissionKind.Write));
        Assert.False(_authorizer.CheckTopic(_alice, "/", "amq.topic", key, PermissionKind.Read));
        Assert.True(_authorizer.CheckTopic(_alice, "/", "other", key, PermissionKind.Write));
        Assert.True(_authorizer.CheckTopic(_alice, "v2", "amq.topic", key, PermissionKind.Write));
    }

    [Theory]
    [InlineData("a.b", "devices.a.b", true)]
    [InlineData("a.b", "devices.axb", false)]
    [InlineData(".*", "devices.anything", false)]
    [InlineData("x]|.*[", "devices.anything", false)]
    [InlineData("{vhost}", "devices.v.h", false)]
    [InlineData("{vhost}", "devices.{vhost}", true)]
    [InlineData("a-z", "devices.m", false)]
    public void Values_put_into_an_expression_match_only_themselves(string clientId, string key, bool allowed)
    {
        _users.SetTopicPermissions("alice", "v.h", "amq.topic", "^devices\\.{client_id}$", "^$");

        Assert.Equal(
            allowed, _authorizer.CheckTopic(_alice, "v.h", "amq.topic", key, PermissionKind.Write, clientId));
    }

    [Fact]
    public void Between_brackets_a_value_is_its_characters_and_no_range()
    {
        _users.SetTopicPermissions("alice", "/", "amq.topic", "^[{client_id}]$", "^$");

        Assert.True(_authorizer.CheckTopic(_alice, "/", "amq.topic", "-", PermissionKind.Write, "a-z"));
        Assert.False(_authorizer.CheckTopic(_alice, "/", "amq.topic", "m", PermissionKind.Write, "a-z"));
    }

    [Fact]
    public void Refusals_have_the_words_of_RabbitMQ_4()
    {
        BrokerError queue = Authorizer.Refused(PermissionKind.Configure, ResourceKind.Queue, "q", "/", "u1");
        BrokerError exchange = Authorizer.Refused(PermissionKind.Write, ResourceKind.Exchange, "x", "/", "u1");
        BrokerError topic = Authorizer.RefusedTopic(PermissionKind.Read, "k", "x", "/", "u1");
        BrokerError closed = Authorizer.RefusedVirtualHost("v2", "u1");
        BrokerError missing = Authorizer.NoVirtualHost("nov");

        Assert.Equal("configure access to queue 'q' in vhost '/' refused for user 'u1'", queue.Text);
        Assert.Equal("write access to exchange 'x' in vhost '/' refused for user 'u1'", exchange.Text);
        Assert.Equal("read access to topic 'k' in exchange 'x' in vhost '/' refused for user 'u1'", topic.Text);
        Assert.Equal(BrokerErrorKind.AccessRefused, topic.Kind);
        Assert.Equal("access to vhost 'v2' refused for user 'u1'", closed.Text);
        Assert.Equal(BrokerErrorKind.NotAllowed, closed.Kind);
        Assert.Equal("vhost nov not found", missing.Text);
    }
}
