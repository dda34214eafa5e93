using System.Text;

namespace Warren.Interop.Tests.Running;

/// <summary>Long strings arrive as bytes from RabbitMQ.Client; tests compare text.</summary>
public static class Text
{
    /// <summary>The UTF-8 text of a header value, or the invariant form of any other value.</summary>
    public static string Of(object? value) => value switch
    {
        null => "(null)",
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        _ => Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture) ?? "(null)",
    };

    /// <summary>The UTF-8 bytes of a text.</summary>
    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
