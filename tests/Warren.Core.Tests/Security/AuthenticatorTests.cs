using System.Net;
using Warren.Core.Security;
using Warren.Storage.Metadata;
using Xunit;

namespace Warren.Core.Tests.Security;

public sealed class AuthenticatorTests
{
    private static readonly IPAddress Far = IPAddress.Parse("192.0.2.7");

    private readonly UserStore _users = new(new MemoryMetadataStore());
    private readonly Authenticator _authenticator;

    public AuthenticatorTests()
    {
        _users.Add("guest", "guest", ["administrator"]);
        _users.Add("alice", "secret", []);
        _users.Put(new User("nopass", "", PasswordHash.Sha256, []));
        _authenticator = new Authenticator(_users, ["guest"], TimeProvider.System);
    }

    [Theory]
    [InlineData("alice", "secret", "192.0.2.7", LoginRefusal.None)]
    [InlineData("alice", "Secret", "192.0.2.7", LoginRefusal.BadCredentials)]
    [InlineData("alice", "", "192.0.2.7", LoginRefusal.BadCredentials)]
    [InlineData("Alice", "secret", "192.0.2.7", LoginRefusal.BadCredentials)]
    [InlineData("nobody", "secret", "192.0.2.7", LoginRefusal.BadCredentials)]
    [InlineData("nobody", "", "127.0.0.1", LoginRefusal.BadCredentials)]
    [InlineData("nopass", "", "127.0.0.1", LoginRefusal.BadCredentials)]
    [InlineData("nopass", "x", "127.0.0.1", LoginRefusal.BadCredentials)]
    [InlineData("guest", "guest", "127.0.0.1", LoginRefusal.None)]
    [InlineData("guest", "guest", "127.8.8.8", LoginRefusal.None)]
    [InlineData("guest", "guest", "::1", LoginRefusal.None)]
    [InlineData("guest", "guest", "::ffff:127.0.0.1", LoginRefusal.None)]
    [InlineData("guest", "guest", "192.0.2.7", LoginRefusal.NotFromLoopback)]
    [InlineData("guest", "guest", "::ffff:192.0.2.7", LoginRefusal.NotFromLoopback)]
    [InlineData("guest", "wrong", "192.0.2.7", LoginRefusal.BadCredentials)]
    public void A_login_needs_its_password_and_guest_this_machine(
        string name,
        string password,
        string from,
        LoginRefusal refusal)
    {
        AuthenticationResult result = _authenticator.Authenticate(name, password, IPAddress.Parse(from), "test");

        Assert.Equal(refusal, result.Refusal);
        Assert.Equal(refusal == LoginRefusal.None ? name : null, result.User?.Name);
    }

    [Fact]
    public void A_new_password_replaces_the_old_one_and_a_removed_user_is_unknown()
    {
        _users.Add("alice", "changed", []);
        Assert.Null(_authenticator.Authenticate("alice", "secret", Far, "test").User);
        Assert.NotNull(_authenticator.Authenticate("alice", "changed", Far, "test").User);

        Assert.True(_users.Remove("alice"));
        Assert.Null(_authenticator.Authenticate("alice", "changed", Far, "test").User);
    }
}
