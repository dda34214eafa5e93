using Warren.Interop.Tests.Raw;

namespace Warren.Interop.Tests;

/// <summary>One way to err and what the broker must say. `%q` in the text stands for the name the case was given.</summary>
/// <param name="Name">What was done wrong; the name of the test case.</param>
/// <param name="Do">Sends it on channel 1; anything before the error has been answered.</param>
/// <param name="Code">The reply code.</param>
/// <param name="Text">The reply text.</param>
/// <param name="ClassId">Class of the method that failed; 0 for errors of a frame.</param>
/// <param name="MethodId">The method that failed; 0 for errors of a frame.</param>
public sealed record ErrorCase(
    string Name, Action<RawClient, string> Do, int Code, string Text, int ClassId, int MethodId)
{
    /// <summary>What RabbitMQ 3.10.8 says where Warren follows newer versions; null where both say the same.</summary>
    public string? ReferenceText { get; init; }

    /// <summary>Why the case cannot run against RabbitMQ 3.10.8; null when it can.</summary>
    public string? NotOnReference { get; init; }

    /// <summary>The text as it must arrive: names filled in, cut to what a short string holds as RabbitMQ cuts it.</summary>
    public string ExpectedText(bool reference, string name)
    {
        return Filled(reference ? ReferenceText ?? Text : Text, name);
    }

    /// <summary>A text with its name filled in; more than 255 bytes become 252 and three dots.</summary>
    public static string Filled(string text, string name)
    {
        string filled = text.Replace("%q", name, StringComparison.Ordinal);
        return filled.Length > 255 ? string.Concat(filled.AsSpan(0, 252), "...") : filled;
    }
}
