using Warren.Core.Security;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

public sealed class ScramTests : MqttServer
{
    private const string Sha256 = "SCRAM-SHA-256";
    private const string Sha512 = "SCRAM-SHA-512";
    private const byte BadUserNameOrPassword = 0x86;

    [Theory]
    [InlineData(Sha256)]
    [InlineData(Sha512)]
    public async Task Client_proves_its_password_and_the_server_that_it_knows_it(string method)
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);

        Assert.Equal(0, await new ScramClient(client, method, "guest", "guest").EnterAsync("scram"));
        Assert.Equal(0, await client.SubscribeAsync("a"));
    }

    [Theory]
    [InlineData(Sha256, "guest", "wrong")]
    [InlineData(Sha512, "guest", "")]
    [InlineData(Sha256, "nobody", "guest")]
    [InlineData(Sha256, "/:nobody", "guest")]
    public async Task Wrong_password_and_unknown_user_are_refused_alike_and_at_the_end(string method, string user, string password)
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);
        var scram = new ScramClient(client, method, user, password);

        Assert.Equal(BadUserNameOrPassword, await scram.EnterAsync("scram"));

        Assert.Equal(16, Convert.FromBase64String(scram.Salt).Length);
    }

    [Fact]
    public async Task Virtual_host_may_stand_before_the_name()
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);

        Assert.Equal(0, await new ScramClient(client, Sha256, "/:guest", "guest").EnterAsync("scram"));
    }

    [Fact]
    public async Task Names_with_commas_and_equals_signs_are_written_as_the_RFC_says()
    {
        Server.Broker.Users.Add("a,b=c", "pass=word,", []);
        Server.Broker.Users.SetPermissions("a,b=c", "/", ".*", ".*", ".*");
        using MqttClient client = await MqttClient.OpenAsync(Server);

        Assert.Equal(0, await new ScramClient(client, Sha512, "a,b=c", "pass=word,").EnterAsync("scram"));
    }

    [Fact]
    public async Task Made_up_salt_of_an_unknown_user_stays_over_a_restart()
    {
        string before = await SaltOfAsync("nobody");

        Assert.Equal(before, await SaltOfAsync("nobody"));
        Assert.NotEqual(before, await SaltOfAsync("somebody"));
        await RestartAsync();
        Assert.Equal(before, await SaltOfAsync("nobody"));
    }

    [Fact]
    public async Task Verifiers_stay_over_a_restart()
    {
        await RestartAsync();
        using MqttClient client = await MqttClient.OpenAsync(Server);

        Assert.Equal(0, await new ScramClient(client, Sha256, "guest", "guest").EnterAsync("scram"));
    }

    [Fact]
    public async Task User_known_by_a_hash_only_is_refused_like_a_wrong_password()
    {
        Server.Broker.Users.Put(new User("hashed", PasswordHash.Create("secret"), PasswordHash.Sha256, ["administrator"]));
        Server.Broker.Users.SetPermissions("hashed", "/", ".*", ".*", ".*");
        using MqttClient plain = await MqttClient.OpenAsync(Server);
        using MqttClient client = await MqttClient.OpenAsync(Server);

        Assert.Equal(0, await plain.EnterAsync("plain", "hashed", "secret"));
        Assert.Equal(BadUserNameOrPassword, await new ScramClient(client, Sha256, "hashed", "secret").EnterAsync("scram"));
    }

    [Fact]
    public async Task Changed_password_is_the_one_that_counts()
    {
        Server.Broker.Users.Add("guest", "changed", ["administrator"]);
        using MqttClient old = await MqttClient.OpenAsync(Server);
        using MqttClient client = await MqttClient.OpenAsync(Server);

        Assert.Equal(BadUserNameOrPassword, await new ScramClient(old, Sha256, "guest", "guest").EnterAsync("old"));
        Assert.Equal(0, await new ScramClient(client, Sha256, "guest", "changed").EnterAsync("new"));
    }

    [Fact]
    public async Task Client_proves_its_name_again_on_an_open_connection()
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);
        await new ScramClient(client, Sha256, "guest", "guest").EnterAsync("scram");

        Assert.Equal((MqttClient.Auth, 0), await new ScramClient(client, Sha256, "guest", "guest").ProveAgainAsync());
        Assert.Equal(0, await client.SubscribeAsync("a"));
    }

    [Fact]
    public async Task Failed_second_proof_ends_the_connection()
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);
        await new ScramClient(client, Sha256, "guest", "guest").EnterAsync("scram");

        Assert.Equal((MqttClient.Disconnect, 0x87), await new ScramClient(client, Sha256, "guest", "wrong").ProveAgainAsync());
        await client.ReadEndAsync();
    }

    [Fact]
    public async Task Nobody_becomes_another_user_on_an_open_connection()
    {
        Server.Broker.Users.Add("other", "secret", ["administrator"]);
        using MqttClient client = await MqttClient.OpenAsync(Server);
        await new ScramClient(client, Sha256, "guest", "guest").EnterAsync("scram");

        Assert.Equal((MqttClient.Disconnect, 0x87), await new ScramClient(client, Sha256, "other", "secret").ProveAgainAsync());
    }

    [Theory]
    [InlineData("p=tls-unique,,n=guest,r=abc")]
    [InlineData("n,,n=,r=abc")]
    [InlineData("n,,n=gu=est,r=abc")]
    [InlineData("n,,n=guest,r=")]
    [InlineData("n,a=other,n=guest,r=abc")]
    [InlineData("nonsense")]
    [InlineData("n,,m=x,n=guest,r=abc")]
    public async Task First_message_that_is_none_is_refused(string first)
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);

        await client.SendAsync(MqttClient.Connect("bad", user: null, properties: [0x15, .. MqttClient.Text(Sha256), 0x16, .. MqttClient.Text(first)]));
        (byte header, byte[] body) = await client.ReadAsync();

        Assert.Equal((MqttClient.ConnAck, BadUserNameOrPassword), (header, body[1]));
    }

    [Fact]
    public async Task Unknown_method_is_named_as_such()
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);

        Assert.Equal(0x8C, await new ScramClient(client, "SCRAM-SHA-1", "guest", "guest").EnterAsync("old"));
    }

    [Fact]
    public async Task Failures_are_counted_with_those_of_passwords()
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);
        await new ScramClient(client, Sha256, "guest", "wrong").EnterAsync("guessing");

        (LoginSource source, LoginCounts counts) = Assert.Single(Server.Broker.Authenticator.Attempts.BySource());

        Assert.Equal(("mqtt", "guest", 1), (source.Protocol, source.UserName, counts.Failed));
    }

    private async Task<string> SaltOfAsync(string user)
    {
        using MqttClient client = await MqttClient.OpenAsync(Server);
        var scram = new ScramClient(client, Sha256, user, "guess");
        await scram.EnterAsync("scram");
        return scram.Salt;
    }
}
