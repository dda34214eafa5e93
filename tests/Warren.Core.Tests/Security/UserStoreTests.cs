using System.Text;
using Warren.Core.Security;
using Warren.Storage.Metadata;
using Xunit;

namespace Warren.Core.Tests.Security;

public sealed class UserStoreTests : IDisposable
{
    private readonly MemoryMetadataStore _metadata = new();

    public void Dispose() => _metadata.Dispose();

    [Fact]
    public void What_was_stored_is_there_after_a_restart()
    {
        const string Name = "a/b user%ö";
        var users = new UserStore(_metadata);
        users.Add(Name, "secret", ["management", "impersonator"]);
        users.SetPermissions(Name, "/", "^c", "", ".*");
        users.SetTopicPermissions(Name, "/", "x/y", "^w", "^r");

        var again = new UserStore(_metadata);

        User user = again.Find(Name)!;
        Assert.True(user.IsImpersonator);
        Assert.True(user.HasTag("management"));
        Assert.False(user.HasTag("administrator"));
        Assert.True(PasswordHash.Verify(user.PasswordHash, user.HashingAlgorithm, "secret"));
        Assert.Equal(new UserPermissions("^c", "", ".*"), again.FindPermissions(Name, "/"));
        Assert.Equal(new TopicPermissions("^w", "^r"), again.FindTopicPermissions(Name, "/", "x/y"));
    }

    [Fact]
    public void A_removed_user_leaves_no_permissions_behind()
    {
        var users = new UserStore(_metadata);
        foreach (string name in new[] { "alice", "alice2" })
        {
            users.Add(name, "secret", []);
            users.SetPermissions(name, "/", ".*", ".*", ".*");
            users.SetTopicPermissions(name, "/", "x", ".*", ".*");
        }

        Assert.True(users.Remove("alice"));
        Assert.False(users.Remove("alice"));

        var again = new UserStore(_metadata);
        Assert.Equal("alice2", Assert.Single(again.Users).Name);
        Assert.Equal("alice2", Assert.Single(again.Permissions).Key.User);
        Assert.Equal("alice2", Assert.Single(again.TopicPermissions).Key.User);
    }

    [Fact]
    public void A_removed_virtual_host_leaves_no_permissions_behind()
    {
        var users = new UserStore(_metadata);
        users.Add("alice", "secret", []);
        users.SetPermissions("alice", "v1", ".*", ".*", ".*");
        users.SetPermissions("alice", "v2", ".*", ".*", ".*");
        users.SetTopicPermissions("alice", "v1", "x", ".*", ".*");

        users.RemoveVirtualHost("v1");

        var again = new UserStore(_metadata);
        Assert.Equal("v2", Assert.Single(again.Permissions).Key.VirtualHost);
        Assert.Empty(again.TopicPermissions);
        Assert.Single(again.Users);
    }

    [Theory]
    [InlineData("users/alice", "{}")]
    [InlineData("users/alice", "null")]
    [InlineData("users/alice", "{\"password_hash\":5,\"hashing_algorithm\":\"x\",\"tags\":[]}")]
    [InlineData("permissions/alice/v", "{\"configure\":null,\"write\":\"\",\"read\":\"\"}")]
    [InlineData("topic-permissions/alice/v/x", "damaged")]
    public void Damaged_records_are_named_and_grant_nothing(string key, string json)
    {
        _metadata.Put(key, Encoding.UTF8.GetBytes(json));

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => new UserStore(_metadata));

        Assert.Contains("'alice'", error.Message, StringComparison.Ordinal);
    }
}
