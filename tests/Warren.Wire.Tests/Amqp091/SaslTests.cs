using System.Text;
using Warren.Wire.Amqp091;

namespace Warren.Wire.Tests.Amqp091;

[Spec("RFC4616")]
public sealed class SaslTests
{
    [Theory]
    [InlineData("\0guest\0secret", "guest", "secret")]
    [InlineData("\0guest\0", "guest", "")]
    [InlineData("\0\0", "", "")]
    public void Plain_gives_user_and_password(string response, string user, string password)
    {
        Assert.True(SaslPlain.TryRead(
            Encoding.UTF8.GetBytes(response), out ReadOnlySpan<byte> gotUser, out ReadOnlySpan<byte> gotPassword));
        Assert.Equal(user, Encoding.UTF8.GetString(gotUser));
        Assert.Equal(password, Encoding.UTF8.GetString(gotPassword));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("\0guest")]
    [InlineData("guest\0secret")]
    [InlineData("admin\0guest\0secret")]
    [InlineData("\0guest\0secret\0")]
    [InlineData("\0\0\0")]
    public void Plain_refuses_anything_else(string response)
    {
        Assert.False(SaslPlain.TryRead(Encoding.UTF8.GetBytes(response), out _, out _));
    }

    [Fact]
    public void Amqplain_gives_login_and_password_in_any_order()
    {
        byte[] response = Hex.Bytes("08 50415353574F5244 53 00000001 70" + "05 4C4F47494E 53 00000001 75");

        Assert.True(SaslAmqPlain.TryRead(response, out ReadOnlySpan<byte> user, out ReadOnlySpan<byte> password));
        Assert.Equal("u"u8, user);
        Assert.Equal("p"u8, password);
    }

    [Theory]
    [InlineData("")]
    [InlineData("05 4C4F47494E 53 00000001 75")]
    [InlineData("05 4C4F47494E 49 00000001" + "08 50415353574F5244 53 00000001 70")]
    [InlineData("05 4C4F47494E 53 00000001 75" + "08 50415353574F5244 53 00000002 70")]
    public void Amqplain_refuses_missing_mistyped_and_malformed_fields(string hex)
    {
        Assert.False(SaslAmqPlain.TryRead(Hex.Bytes(hex), out _, out _));
    }
}
