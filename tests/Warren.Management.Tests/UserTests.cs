using System.Text.Json.Nodes;
using Warren.Core.Security;
using Xunit;

namespace Warren.Management.Tests;

public sealed class UserTests(ManagedBroker broker) : IClassFixture<ManagedBroker>
{
    [Fact]
    public async Task User_is_created_changed_listed_and_deleted()
    {
        Assert.Equal((201, ""), await broker.PutAsync("/users/ann", """{"password":"one","tags":"management,monitoring"}"""));
        Assert.Equal((204, ""), await broker.PutAsync("/users/ann", """{"password":"two","tags":["policymaker"]}"""));

        JsonNode ann = await broker.GetAsync("/users/ann");
        JsonNode me = await broker.GetAsync("/whoami", "ann", "two");

        Assert.Equal("""["policymaker"]""", ann["tags"]!.ToJsonString());
        Assert.Equal("rabbit_password_hashing_sha256", (string?)ann["hashing_algorithm"]);
        Assert.True(PasswordHash.Verify((string)ann["password_hash"]!, PasswordHash.Sha256, "two"));
        Assert.Equal("""["policymaker"]""", me["tags"]!.ToJsonString());
        Assert.Contains((await broker.GetAsync("/users")).AsArray(), u => (string?)u!["name"] == "ann");
        Assert.Equal((204, ""), await broker.DeleteAsync("/users/ann"));
        Assert.Equal(404, (await broker.DeleteAsync("/users/ann")).Status);
        Assert.Equal(404, (await broker.TryGetAsync("/users/ann")).Status);
    }

    [Fact]
    public async Task Hash_is_taken_as_it_is()
    {
        string hash = PasswordHash.Create("secret", PasswordHash.Sha512);

        Assert.Equal(201, (await broker.PutAsync("/users/hashed", $$"""{"password_hash":"{{hash}}","hashing_algorithm":"rabbit_password_hashing_sha512","tags":"management"}""")).Status);

        Assert.Equal(hash, (string?)(await broker.GetAsync("/users/hashed"))["password_hash"]);
        Assert.Equal("hashed", (string?)(await broker.GetAsync("/whoami", "hashed", "secret"))["name"]);
    }

    [Theory]
    [InlineData("""{"password":"x"}""", "tags_not_present")]
    [InlineData("""{"password":"x","password_hash":"y","tags":""}""", "both_password_and_password_hash_are_provided")]
    [InlineData("""{"password":"","tags":""}""", "an empty password is not a password; leave it away for a user without one")]
    [InlineData("""{"password_hash":"nonsense","tags":""}""", "password_hash is not a hash of rabbit_password_hashing_sha256")]
    [InlineData("[]", "not_json")]
    [InlineData("{", "not_json")]
    public async Task User_that_makes_no_sense_is_refused(string body, string reason)
    {
        (int status, string answer) = await broker.PutAsync("/users/nobody", body);

        Assert.Equal(400, status);
        Assert.Equal(reason, ManagedBroker.ReasonOf(answer));
        Assert.Null(broker.Broker.Users.Find("nobody"));
    }

    [Fact]
    public async Task User_without_a_password_cannot_log_in()
    {
        Assert.Equal(201, (await broker.PutAsync("/users/silent", """{"tags":"management"}""")).Status);

        Assert.Equal(401, (await broker.TryGetAsync("/whoami", "silent", "")).Status);
    }

    [Fact]
    public async Task Protected_user_stays()
    {
        await broker.PutAsync("/users/kept", """{"password":"x","tags":"protected,administrator"}""");

        Assert.Equal(400, (await broker.DeleteAsync("/users/kept")).Status);
        Assert.Equal(400, (await broker.PutAsync("/users/kept", """{"password":"y","tags":""}""")).Status);
        Assert.Equal(400, (await broker.PostAsync("/users/bulk-delete", """{"users":["kept"]}""")).Status);
    }

    [Fact]
    public async Task Several_users_are_deleted_at_once()
    {
        await broker.PutAsync("/users/a1", """{"password":"x","tags":""}""");
        await broker.PutAsync("/users/a2", """{"password":"x","tags":""}""");

        Assert.Contains((await broker.GetAsync("/users/without-permissions")).AsArray(), u => (string?)u!["name"] == "a1");
        Assert.Equal((204, ""), await broker.PostAsync("/users/bulk-delete", """{"users":["a1","a2","unknown"]}"""));

        Assert.Null(broker.Broker.Users.Find("a1"));
        Assert.Null(broker.Broker.Users.Find("a2"));
    }

    [Fact]
    public async Task Permissions_are_set_shown_and_cleared()
    {
        await broker.PutAsync("/users/worker", """{"password":"x","tags":"management"}""");

        Assert.Equal((201, ""), await broker.PutAsync("/permissions/%2F/worker", """{"configure":"^w","write":".*","read":""}"""));
        Assert.Equal((204, ""), await broker.PutAsync("/permissions/%2F/worker", """{"configure":"^v","write":".*","read":""}"""));

        Assert.Equal(
            """{"user":"worker","vhost":"/","configure":"^v","write":".*","read":""}""",
            (await broker.GetAsync("/permissions/%2F/worker")).ToJsonString());
        Assert.Single((await broker.GetAsync("/users/worker/permissions")).AsArray());
        Assert.Contains((await broker.GetAsync("/vhosts/%2F/permissions")).AsArray(), p => (string?)p!["user"] == "worker");
        Assert.Contains((await broker.GetAsync("/permissions")).AsArray(), p => (string?)p!["user"] == "worker");
        Assert.Equal(204, (await broker.DeleteAsync("/permissions/%2F/worker")).Status);
        Assert.Equal(404, (await broker.TryGetAsync("/permissions/%2F/worker")).Status);
    }

    [Theory]
    [InlineData("/permissions/%2F/guest", """{"configure":"","write":""}""", "[{key_missing,read}]")]
    [InlineData("/permissions/%2F/nope", """{"configure":"","write":"","read":""}""", """["no_such_user","nope"]""")]
    [InlineData("/permissions/nope/guest", """{"configure":"","write":"","read":""}""", """["no_such_vhost","nope"]""")]
    public async Task Permission_that_makes_no_sense_is_refused(string path, string body, string reason)
    {
        (int status, string answer) = await broker.PutAsync(path, body);

        Assert.Equal(400, status);
        Assert.Equal(reason, ManagedBroker.ReasonOf(answer));
    }

    [Fact]
    public async Task Permission_with_a_broken_expression_is_refused()
    {
        (int status, string answer) = await broker.PutAsync("/permissions/%2F/guest", """{"configure":"[","write":"","read":""}""");

        Assert.Equal(400, status);
        Assert.StartsWith("""["invalid_regexp",""", ManagedBroker.ReasonOf(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Topic_permissions_are_set_shown_and_cleared()
    {
        await broker.PutAsync("/users/topical", """{"password":"x","tags":""}""");

        Assert.Equal(201, (await broker.PutAsync("/topic-permissions/%2F/topical", """{"exchange":"amq.topic","write":"^a","read":"^b"}""")).Status);

        Assert.Equal(
            """[{"user":"topical","vhost":"/","exchange":"amq.topic","write":"^a","read":"^b"}]""",
            (await broker.GetAsync("/topic-permissions/%2F/topical")).ToJsonString());
        Assert.Single((await broker.GetAsync("/users/topical/topic-permissions")).AsArray());
        Assert.Single((await broker.GetAsync("/topic-permissions")).AsArray());
        Assert.Equal(204, (await broker.DeleteAsync("/topic-permissions/%2F/topical/amq.topic")).Status);
        Assert.Equal(404, (await broker.TryGetAsync("/topic-permissions/%2F/topical")).Status);
    }

    [Fact]
    public async Task Limits_of_a_user_are_set_and_lifted()
    {
        await broker.PutAsync("/users/limited", """{"password":"x","tags":"management"}""");

        Assert.Equal(204, (await broker.PutAsync("/user-limits/limited/max-channels", """{"value":5}""")).Status);

        Assert.Equal("""[{"user":"limited","value":{"max-channels":5}}]""", (await broker.GetAsync("/user-limits/limited", "limited", "x")).ToJsonString());
        Assert.Equal(5, broker.Broker.Users.Find("limited")!.Limits.MaxChannels);
        Assert.Equal(401, (await broker.TryGetAsync("/user-limits/guest", "limited", "x")).Status);
        Assert.Equal(400, (await broker.PutAsync("/user-limits/limited/nonsense", """{"value":5}""")).Status);
        Assert.Equal(204, (await broker.DeleteAsync("/user-limits/limited/max-channels")).Status);
        Assert.Equal("[]", (await broker.GetAsync("/user-limits/limited")).ToJsonString());
    }

    [Theory]
    [InlineData("/users", "Not administrator user")]
    [InlineData("/permissions", "Not administrator user")]
    [InlineData("/definitions", "Not administrator user")]
    [InlineData("/global-parameters", "User not authorised to access object")]
    [InlineData("/policies/%2F/x", "User not authorised to access object")]
    [InlineData("/aliveness-test/%2F", "User not authorised to access virtual host")]
    public async Task User_without_rights_is_told_which_are_missing(string path, string reason)
    {
        broker.Broker.Users.Add("lowly", "x", ["management"]);

        (int status, string body) = await broker.TryGetAsync(path, "lowly", "x");

        Assert.Equal(401, status);
        Assert.Equal($$"""{"error":"not_authorised","reason":"{{reason}}"}""", body);
    }

    [Fact]
    public async Task Lists_show_what_the_user_may_enter()
    {
        broker.Broker.Users.Add("outsider", "x", ["management"]);
        broker.Broker.Users.Add("watcher", "x", ["monitoring"]);

        JsonNode hidden = await broker.GetAsync("/vhosts", "outsider", "x");
        JsonNode seen = await broker.GetAsync("/vhosts", "watcher", "x");

        Assert.Empty(hidden.AsArray());
        Assert.NotEmpty(seen.AsArray());
    }
}
