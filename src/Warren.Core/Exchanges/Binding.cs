using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Warren.Buffers.Fields;
using Warren.Core.Arguments;

namespace Warren.Core.Exchanges;

/// <summary>A rule of an exchange: messages that match key and arguments go to the destination.</summary>
/// <remarks>What is public never changes. The links belong to <see cref="BindingTable"/>.</remarks>
public sealed class Binding
{
    internal Binding(Exchange source, RoutingTarget destination, string key, FieldTable arguments)
    {
        Source = source;
        Destination = destination;
        Key = key;
        KeyUtf8 = Encoding.UTF8.GetBytes(key);
        Arguments = arguments;
    }

    /// <summary>The exchange that follows the rule.</summary>
    public Exchange Source { get; }

    /// <summary>The queue or exchange messages go to.</summary>
    public RoutingTarget Destination { get; }

    /// <summary>The binding key.</summary>
    public string Key { get; }

    /// <summary>The binding key in UTF-8. Not to be changed.</summary>
    public byte[] KeyUtf8 { get; }

    /// <summary>The arguments; a headers exchange matches on them.</summary>
    public FieldTable Arguments { get; }

    /// <summary>Names the binding among those of one exchange and destination in the HTTP API (<c>properties_key</c>).</summary>
    /// <remarks>
    /// The form is RabbitMQ's: <c>~</c> for neither key nor arguments, the quoted key, or key, <c>~</c> and a hash of
    /// the arguments. The hash is our own; clients only hand it back.
    /// </remarks>
    public string PropertiesKey => Arguments.Count == 0
        ? (Key.Length == 0 ? "~" : Quote(KeyUtf8))
        : $"{Quote(KeyUtf8)}~{HashOf(Arguments)}";

    /// <summary>The next binding to the same destination.</summary>
    internal Binding? NextIncoming { get; set; }

    /// <summary>The previous binding to the same destination.</summary>
    internal Binding? PreviousIncoming { get; set; }

    /// <summary>What the source made of key and arguments, for its own use.</summary>
    internal object? Compiled { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Source.Name} -> {Destination.Name} [{Key}]";

    private static string Quote(byte[] utf8)
    {
        var quoted = new StringBuilder(utf8.Length);
        foreach (byte octet in utf8)
        {
            char c = (char)octet;
            if (char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            {
                quoted.Append(c);
            }
            else if (c == ' ')
            {
                quoted.Append('+');
            }
            else
            {
                quoted.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            }
        }

        return quoted.ToString();
    }

    private static string HashOf(FieldTable arguments)
    {
        const int HashBytes = 6; // eight characters; told apart within one exchange, destination and key
        byte[] digest = SHA256.HashData(Encoding.UTF8.GetBytes(ErlangText.Canonical(arguments)));
        return Convert.ToBase64String(digest, 0, HashBytes).Replace('+', '-').Replace('/', '_');
    }
}
