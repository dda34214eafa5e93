using System.Buffers;
using System.Text;

namespace Warren.Server.Logging;

/// <summary>Takes passwords out of text before it is logged: <c>amqp://user:********@host</c>, <c>password=********</c>.</summary>
/// <remarks>Nobody logs a password on purpose; this is for addresses and settings that are quoted from outside.</remarks>
public static class LogRedaction
{
    /// <summary>What is shown instead.</summary>
    public const string Mask = "********";

    private static readonly SearchValues<char> AddressEnds = SearchValues.Create(" \t\r\n/?#'\"<>");
    private static readonly SearchValues<char> ValueEnds = SearchValues.Create(" \t\r\n,;&)}");

    private static readonly string[] Words = ["password", "passwd", "passcode", "passphrase", "default_pass", "secret", "token"];

    /// <summary>The text without what looks like a secret.</summary>
    public static string Redact(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string result = text.Contains("://", StringComparison.Ordinal) ? RedactAddresses(text) : text;
        foreach (string word in Words)
        {
            if (result.Contains(word, StringComparison.OrdinalIgnoreCase))
            {
                result = RedactAssignments(result, word);
            }
        }

        return result;
    }

    // scheme://user:secret@host
    private static string RedactAddresses(string text)
    {
        var result = new StringBuilder(text.Length);
        ReadOnlySpan<char> rest = text;
        int start;
        while ((start = rest.IndexOf("://")) >= 0)
        {
            int authority = start + 3;
            int length = rest[authority..].IndexOfAny(AddressEnds);
            ReadOnlySpan<char> login = length < 0 ? rest[authority..] : rest.Slice(authority, length);
            int at = login.LastIndexOf('@');
            int colon = at < 0 ? -1 : login[..at].IndexOf(':');
            int end = authority + (at < 0 ? 0 : at);
            if (colon >= 0)
            {
                result.Append(rest[..(authority + colon + 1)]).Append(Mask);
            }
            else
            {
                result.Append(rest[..end]);
            }

            rest = rest[end..];
        }

        return result.Append(rest).ToString();
    }

    // word = secret | word="secret" | "word": "secret"
    private static string RedactAssignments(string text, string word)
    {
        var result = new StringBuilder(text.Length);
        ReadOnlySpan<char> rest = text;
        int start;
        while ((start = rest.IndexOf(word, StringComparison.OrdinalIgnoreCase)) >= 0)
        {
            int position = start + word.Length;
            bool isQuoted = position < rest.Length && rest[position] is '"' or '\'';
            int sign = SkipBlanks(rest, isQuoted ? position + 1 : position);
            bool assigns = sign < rest.Length && (rest[sign] == '=' || (isQuoted && rest[sign] == ':'));
            if (!assigns)
            {
                result.Append(rest[..position]);
                rest = rest[position..];
                continue;
            }

            int value = SkipBlanks(rest, sign + 1);
            char quote = value < rest.Length && rest[value] is '"' or '\'' ? rest[value++] : '\0';
            int length = quote == '\0' ? rest[value..].IndexOfAny(ValueEnds) : rest[value..].IndexOf(quote);
            result.Append(rest[..value]).Append(Mask);
            rest = length < 0 ? [] : rest[(value + length)..];
        }

        return result.Append(rest).ToString();
    }

    private static int SkipBlanks(ReadOnlySpan<char> text, int position)
    {
        while (position < text.Length && text[position] is ' ' or '\t')
        {
            position++;
        }

        return position;
    }
}
