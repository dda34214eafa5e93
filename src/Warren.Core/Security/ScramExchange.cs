using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Warren.Core.Security;

/// <summary>What came of one message of a client that proves its password.</summary>
/// <param name="IsOver">Whether there is nothing more to say.</param>
/// <param name="IsProven">Whether it has proven it; only when over.</param>
/// <param name="Answer">What it is told.</param>
public readonly record struct ScramStep(bool IsOver, bool IsProven, byte[] Answer);

/// <summary>The server's side of one SCRAM authentication, without channel binding (RFC 5802).</summary>
/// <remarks>
/// Not thread-safe. Names cannot be found out: one that does not exist, or whose password is known by another kind of hash
/// only, is asked to salt like any other and fails at the end.
/// </remarks>
public sealed class ScramExchange
{
    private const int NonceSize = 18; // bytes; 24 characters
    private const int MaxMessage = 4096; // bytes, from the client

    private readonly UserStore _users;
    private readonly ScramHash _hash;
    private readonly Func<string, string> _accountOf;
    private ScramVerifier? _verifier;
    private string _header = ""; // gs2-header
    private string _firstBare = "";
    private string _serverFirst = "";
    private string _nonce = "";
    private bool _isKnown;
    private bool _wasAsked;

    /// <param name="users">Who may log in.</param>
    /// <param name="hash">The hash function agreed on.</param>
    /// <param name="accountOf">The account a given name means.</param>
    public ScramExchange(UserStore users, ScramHash hash, Func<string, string> accountOf)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(accountOf);
        _users = users;
        _hash = hash;
        _accountOf = accountOf;
    }

    /// <summary>The name as the client gave it; empty before its first message.</summary>
    public string UserName { get; private set; } = "";

    /// <summary>Takes the client's next message.</summary>
    public ScramStep Next(ReadOnlySpan<byte> message)
    {
        if (message.IsEmpty && _verifier is null && !_wasAsked)
        {
            _wasAsked = true; // it wants to be asked first
            return new ScramStep(IsOver: false, IsProven: false, []);
        }

        string? answer = message.Length > MaxMessage ? null
            : _verifier is null ? Begin(Encoding.UTF8.GetString(message)) : Finish(Encoding.UTF8.GetString(message));
        bool isLast = _nonce.Length == 0;
        return answer is null
            ? new ScramStep(IsOver: true, IsProven: false, [])
            : new ScramStep(isLast, isLast, Encoding.UTF8.GetBytes(answer));
    }

    // client-first-message: "n,,n=user,r=nonce". "y" says that the client could bind to the channel and thinks that we cannot.
    private string? Begin(string message)
    {
        string[] parts = message.Split(',');
        if (parts is not [("n" or "y"), var identity, var named, var nonced, ..]
            || (identity.Length > 0 && !identity.StartsWith("a=", StringComparison.Ordinal))
            || !named.StartsWith("n=", StringComparison.Ordinal)
            || Decoded(named[2..]) is not { Length: > 0 } name
            || !nonced.StartsWith("r=", StringComparison.Ordinal)
            || nonced.Length == 2
            || !nonced.AsSpan(2).ContainsOnlyPrintable()
            || (identity.Length > 0 && Decoded(identity[2..]) != name))
        {
            return null;
        }

        UserName = name;
        _header = $"{parts[0]},{identity},";
        _firstBare = message[_header.Length..];
        string account = _accountOf(name);
        ScramVerifier standIn = _users.StandInFor(account, _hash);
        ScramVerifier? own = _users.Find(account)?.Scram.FirstOrDefault(v => v.Hash == _hash);
        _isKnown = own is not null;
        _verifier = own ?? standIn;
        _nonce = nonced[2..] + Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceSize));
        return _serverFirst = $"r={_nonce},s={Convert.ToBase64String(_verifier.Salt)},i={_verifier.Iterations}";
    }

    // client-final-message: "c=header,r=nonce,p=proof".
    private string? Finish(string message)
    {
        string nonce = _nonce;
        _nonce = ""; // one try
        int proofAt = message.LastIndexOf(",p=", StringComparison.Ordinal);
        if (nonce.Length == 0 || proofAt < 0)
        {
            return null;
        }

        string bare = message[..proofAt];
        string bound = $"c={Convert.ToBase64String(Encoding.UTF8.GetBytes(_header))},r={nonce}";
        bool isBound = bare == bound || bare.StartsWith(bound + ",", StringComparison.Ordinal);
        ScramVerifier verifier = _verifier!;
        byte[] proof = new byte[verifier.StoredKey.Length];
        string encoded = message[(proofAt + 3)..];
        bool isWhole = Base64.IsValid(encoded, out int length) && length == proof.Length
            && Convert.TryFromBase64String(encoded, proof, out _);
        byte[] said = Encoding.UTF8.GetBytes($"{_firstBare},{_serverFirst},{bare}");
        byte[] signature = _hash.Sign(verifier.StoredKey, said);
        for (int i = 0; i < proof.Length; i++)
        {
            proof[i] ^= signature[i];
        }

        bool matches = CryptographicOperations.FixedTimeEquals(_hash.Hash(proof), verifier.StoredKey);
        return isBound & isWhole & matches & _isKnown
            ? $"v={Convert.ToBase64String(_hash.Sign(verifier.ServerKey, said))}"
            : null;
    }

    // saslname: a comma is written =2C and the equals sign =3D, and there is no other of either.
    private static string? Decoded(string name)
    {
        string decoded = name.Replace("=2C", ",", StringComparison.Ordinal);
        int escapes = name.Split("=2C").Length - 1 + name.Split("=3D").Length - 1;
        return name.Count(static c => c == '=') == escapes ? decoded.Replace("=3D", "=", StringComparison.Ordinal) : null;
    }
}

/// <summary>What RFC 5802 calls printable.</summary>
internal static class ScramCharacters
{
    /// <summary>Whether a nonce consists of ASCII that is seen, without the comma.</summary>
    public static bool ContainsOnlyPrintable(this ReadOnlySpan<char> text) =>
        text.IndexOfAnyExceptInRange('!', '~') < 0 && !text.Contains(',');
}
