using System.Globalization;

namespace Warren.Server.Configuration.Erlang;

/// <summary>What an <see cref="ErlangTerm"/> is.</summary>
public enum ErlangTermKind
{
    /// <summary>A name: <c>true</c>, <c>verify_peer</c>, <c>'rabbit@a'</c>.</summary>
    Atom,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number with a fraction.</summary>
    Float,

    /// <summary><c>"text"</c>.</summary>
    String,

    /// <summary><c>&lt;&lt;"text"&gt;&gt;</c>.</summary>
    Binary,

    /// <summary><c>[a, b]</c>.</summary>
    List,

    /// <summary><c>{a, b}</c>.</summary>
    Tuple,
}

/// <summary>One Erlang term of a configuration file, and where it stands. Immutable.</summary>
public sealed class ErlangTerm
{
    internal ErlangTerm(ErlangTermKind kind, string text, IReadOnlyList<ErlangTerm> items, int line, int column)
    {
        Kind = kind;
        Text = text;
        Items = items;
        Line = line;
        Column = column;
    }

    /// <summary>What it is.</summary>
    public ErlangTermKind Kind { get; }

    /// <summary>Of atoms, strings and binaries what they spell, of numbers their decimal form; empty for lists and tuples.</summary>
    public string Text { get; }

    /// <summary>What a list or a tuple holds.</summary>
    public IReadOnlyList<ErlangTerm> Items { get; }

    /// <summary>The line it begins on, from 1.</summary>
    public int Line { get; }

    /// <summary>The character of the line it begins with, from 1.</summary>
    public int Column { get; }

    /// <summary>Whether it is no list and no tuple.</summary>
    public bool IsScalar => Kind is not (ErlangTermKind.List or ErlangTermKind.Tuple);

    /// <summary>Whether it is a number.</summary>
    public bool IsNumber => Kind is ErlangTermKind.Integer or ErlangTermKind.Float;

    /// <summary>The name and the value when it is <c>{name, value}</c>.</summary>
    public bool TryGetPair(out string name, out ErlangTerm value)
    {
        bool isPair = Kind == ErlangTermKind.Tuple && Items is [{ Kind: ErlangTermKind.Atom }, _];
        name = isPair ? Items[0].Text : "";
        value = isPair ? Items[1] : this;
        return isPair;
    }

    /// <summary>Short enough for a message: of a list or tuple only its beginning, of texts nothing, for they may be secret.</summary>
    public override string ToString() => Kind switch
    {
        ErlangTermKind.Atom => Text,
        ErlangTermKind.Integer or ErlangTermKind.Float => Text,
        ErlangTermKind.String => "\"...\"",
        ErlangTermKind.Binary => "<<\"...\">>",
        ErlangTermKind.List => Items.Count == 0 ? "[]" : string.Create(CultureInfo.InvariantCulture, $"[{Items[0]}, ...]"),
        _ => Items.Count == 0 ? "{}" : string.Create(CultureInfo.InvariantCulture, $"{{{Items[0]}, ...}}"),
    };
}
