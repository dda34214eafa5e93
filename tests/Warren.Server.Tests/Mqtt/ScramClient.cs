using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Warren.Server.Tests.Mqtt;

/// <summary>The client's side of SCRAM, written from RFC 5802 alone, over AUTH packets.</summary>
internal sealed class ScramClient(MqttClient client, string method, string user, string password)
{
    private const byte MethodId = 0x15;
    private const byte ValueId = 0x16;

    private HashAlgorithmName Name => method.EndsWith("512", StringComparison.Ordinal) ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256;

    /// <summary>The salt the server asked for last.</summary>
    public string Salt { get; private set; } = "";

    /// <summary>Logs in with CONNECT; answers the reason of CONNACK.</summary>
    public async Task<byte> EnterAsync(string clientId)
    {
        string first = First();
        await client.SendAsync(MqttClient.Connect(clientId, user: null, properties: PropertiesOf(first)));
        (byte header, byte[] body) = await client.ReadAsync();
        if (header == MqttClient.ConnAck)
        {
            return body[1];
        }

        (string final, byte[] expected) = Answer(first, header, body);
        await client.SendAsync(Auth(0x18, final));
        (header, body) = await client.ReadAsync();
        Assert.Equal(MqttClient.ConnAck, header);
        Check(body.AsSpan(2), body[1], expected);
        return body[1];
    }

    /// <summary>Proves the name once more; answers header and reason of the last packet.</summary>
    public async Task<(byte Header, byte Reason)> ProveAgainAsync()
    {
        string first = First();
        await client.SendAsync(Auth(0x19, first));
        (byte header, byte[] body) = await client.ReadAsync();
        (string final, byte[] expected) = Answer(first, header, body);
        await client.SendAsync(Auth(0x18, final));
        (header, body) = await client.ReadAsync();
        if (header == MqttClient.Auth)
        {
            Check(body.AsSpan(1), body[0], expected);
        }

        return (header, body[0]);
    }

    private static string Bare(string first) => first[3..];

    private static string ValueOf(ReadOnlySpan<byte> properties)
    {
        // Length, then method and value in the order the server writes them, perhaps behind others.
        int at = properties.IndexOf((byte)ValueId);
        while (at >= 0)
        {
            int length = (properties[at + 1] << 8) | properties[at + 2];
            if (at + 3 + length == properties.Length)
            {
                return Encoding.UTF8.GetString(properties.Slice(at + 3, length));
            }

            int next = properties[(at + 1)..].IndexOf((byte)ValueId);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return "";
    }

    private static void Check(ReadOnlySpan<byte> properties, byte reason, byte[] expected)
    {
        if (reason == 0)
        {
            Assert.Equal($"v={Convert.ToBase64String(expected)}", ValueOf(properties));
        }
    }

    private string First() =>
        $"n,,n={user.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal)},r={Convert.ToBase64String(RandomNumberGenerator.GetBytes(12))}";

    private (string Final, byte[] Expected) Answer(string first, byte header, byte[] body)
    {
        Assert.Equal((MqttClient.Auth, 0x18), (header, body[0]));
        string serverFirst = ValueOf(body.AsSpan(1));
        string[] parts = serverFirst.Split(',');
        string clientNonce = first[(first.LastIndexOf(",r=", StringComparison.Ordinal) + 3)..];
        Assert.StartsWith($"r={clientNonce}", parts[0], StringComparison.Ordinal);
        Assert.True(parts[0].Length > clientNonce.Length + 18);
        Salt = parts[1][2..];
        int iterations = int.Parse(parts[2][2..], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(iterations >= 4096);

        int size = Name == HashAlgorithmName.SHA512 ? 64 : 32;
        byte[] salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), Convert.FromBase64String(Salt), iterations, Name, size);
        byte[] clientKey = Hmac(salted, "Client Key");
        string bare = $"c=biws,{parts[0]}";
        string said = $"{Bare(first)},{serverFirst},{bare}";
        byte[] signature = Hmac(CryptographicOperations.HashData(Name, clientKey), said);
        byte[] proof = [.. clientKey.Zip(signature, static (a, b) => (byte)(a ^ b))];
        return ($"{bare},p={Convert.ToBase64String(proof)}", Hmac(Hmac(salted, "Server Key"), said));
    }

    private byte[] Hmac(byte[] key, string text) => CryptographicOperations.HmacData(Name, key, Encoding.UTF8.GetBytes(text));

    private byte[] PropertiesOf(string value) =>
        [MethodId, .. MqttClient.Text(method), ValueId, .. MqttClient.Text(value)];

    private byte[] Auth(byte reason, string value)
    {
        byte[] properties = PropertiesOf(value);
        byte[] length = properties.Length < 128
            ? [(byte)properties.Length]
            : [(byte)((properties.Length & 0x7F) | 0x80), (byte)(properties.Length >> 7)];
        return MqttClient.Packet(0xF0, [reason, .. length, .. properties]);
    }
}
