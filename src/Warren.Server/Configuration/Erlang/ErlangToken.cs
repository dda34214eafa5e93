namespace Warren.Server.Configuration.Erlang;

/// <summary>What a piece of Erlang text is.</summary>
internal enum ErlangTokenKind
{
    End,
    Punctuation,
    Atom,
    Integer,
    Float,
    String,
    Binary,
}

/// <summary>One piece of Erlang text and where it stands.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The character, the name, the digits or what is between the quotes.</param>
/// <param name="Line">The line it begins on, from 1.</param>
/// <param name="Column">The character it begins with, from 1.</param>
/// <param name="EndLine">The line it ends on.</param>
/// <param name="EndColumn">The character after it.</param>
internal readonly record struct ErlangToken(ErlangTokenKind Kind, string Text, int Line, int Column, int EndLine, int EndColumn)
{
    public bool Is(char punctuation) => Kind == ErlangTokenKind.Punctuation && Text[0] == punctuation;

    /// <summary>As shown to an operator; texts are not, for they may be secret.</summary>
    public override string ToString() => Kind switch
    {
        ErlangTokenKind.End => "the end of the file",
        ErlangTokenKind.String => "\"...\"",
        ErlangTokenKind.Binary => "<<\"...\">>",
        _ => $"'{Text}'",
    };
}
