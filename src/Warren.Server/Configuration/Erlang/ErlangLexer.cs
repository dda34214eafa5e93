using System.Globalization;
using System.Numerics;
using System.Text;

namespace Warren.Server.Configuration.Erlang;

/// <summary>Cuts Erlang text into its pieces; blanks and <c>%</c> comments are passed over.</summary>
/// <remarks>Not thread-safe. Ends at every input: each call takes at least one character or answers the end.</remarks>
internal sealed class ErlangLexer
{
    private const int LongestText = 64 * 1024; // characters of one atom, string, binary or number
    private const string Names = "@_";

    private readonly string _text;
    private readonly string _file;
    private int _position;
    private int _line = 1;
    private int _column = 1;

    public ErlangLexer(string text, string file)
    {
        _text = text;
        _file = file;
        if (text.StartsWith('\uFEFF'))
        {
            _position = 1;
        }
    }

    /// <summary>The next piece.</summary>
    /// <exception cref="ConfigurationError">Something that no term begins with.</exception>
    public ErlangToken Next()
    {
        SkipBlanks();
        int line = _line;
        int column = _column;
        if (_position == _text.Length)
        {
            return new ErlangToken(ErlangTokenKind.End, "", line, column, line, column);
        }

        char c = _text[_position];
        (ErlangTokenKind kind, string text) = c switch
        {
            '"' => (ErlangTokenKind.String, Quoted('"', "string")),
            '\'' => (ErlangTokenKind.Atom, Quoted('\'', "quoted atom")),
            '<' => (ErlangTokenKind.Binary, Binary()),
            '[' or ']' or '{' or '}' or ',' or '.' or '|' => (ErlangTokenKind.Punctuation, Take().ToString()),
            >= 'a' and <= 'z' => (ErlangTokenKind.Atom, Name()),
            '-' or '+' or (>= '0' and <= '9') => Number(),
            _ => throw Error(line, column, $"no Erlang term begins with {Shown(c)}{Hint(c)}"),
        };
        return new ErlangToken(kind, text, line, column, _line, _column);
    }

    public ConfigurationError Error(int line, int column, string message) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{_file}:{line}:{column}: {message}"));

    private static string Hint(char c) => c switch
    {
        '#' => " (a comment begins with %)",
        (>= 'A' and <= 'Z') or '_' => " (names are written in lower case or in single quotes)",
        '=' => " (this file is read as Erlang terms; the other form belongs into a file that ends in .conf)",
        _ => "",
    };

    private static string Shown(char c) =>
        char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"character {(int)c}") : $"'{c}'";

    private void SkipBlanks()
    {
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c == '%')
            {
                while (_position < _text.Length && _text[_position] != '\n')
                {
                    Take();
                }
            }
            else if (char.IsWhiteSpace(c))
            {
                Take();
            }
            else
            {
                return;
            }
        }
    }

    private char Take()
    {
        char c = _text[_position++];
        if (c == '\n')
        {
            _line++;
            _column = 1;
        }
        else
        {
            _column++;
        }

        return c;
    }

    private char Peek(int ahead = 0) => _position + ahead < _text.Length ? _text[_position + ahead] : '\0';

    private string Name()
    {
        int start = _position;
        while (char.IsAsciiLetterOrDigit(Peek()) || Names.Contains(Peek(), StringComparison.Ordinal))
        {
            Take();
        }

        return Bounded(_text[start.._position]);
    }

    private string Quoted(char quote, string what)
    {
        int line = _line;
        int column = _column;
        var text = new StringBuilder();
        Take();
        while (_position < _text.Length)
        {
            char c = Take();
            if (c == quote)
            {
                return Bounded(text.ToString());
            }

            // A forgotten quote would take the rest of the file.
            if (c == '\n' || text.Length > LongestText)
            {
                break;
            }

            text.Append(c == '\\' && _position < _text.Length ? Escaped(Take()) : c);
        }

        throw Error(line, column, $"the {what} that begins here has no closing {quote} on its line");
    }

    private static char Escaped(char c) => c switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        's' => ' ',
        'e' => '\u001b',
        '0' => '\0',
        _ => c,
    };

    // <<"text">> and <<"text"/utf8>>; binaries of numbers have no place in a configuration.
    private string Binary()
    {
        int line = _line;
        int column = _column;
        Take();
        if (Peek() == '<')
        {
            Take();
            SkipBlanks();
            string text = Peek() == '"' ? Quoted('"', "string") : "";
            if (_text.AsSpan(_position).StartsWith("/utf8"))
            {
                for (int i = 0; i < "/utf8".Length; i++)
                {
                    Take();
                }
            }

            SkipBlanks();
            if (Peek() == '>' && Peek(1) == '>')
            {
                Take();
                Take();
                return text;
            }
        }

        throw Error(line, column, "a binary is written <<\"text\">>");
    }

    private (ErlangTokenKind Kind, string Text) Number()
    {
        int line = _line;
        int column = _column;
        int start = _position;
        Take();
        while (char.IsAsciiLetterOrDigit(Peek()) || Peek() is '_' or '#' || (Peek() == '.' && char.IsAsciiDigit(Peek(1)))
            || (Peek() is '-' or '+' && _text[_position - 1] is 'e' or 'E'))
        {
            Take();
        }

        string text = Bounded(_text[start.._position].Replace("_", "", StringComparison.Ordinal));
        if (TryParseBase(text, out BigInteger whole)
            || (text.Length <= 40 && BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out whole)))
        {
            return (ErlangTokenKind.Integer, whole.ToString(CultureInfo.InvariantCulture));
        }

        const NumberStyles styles = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, styles, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? (ErlangTokenKind.Float, number.ToString("R", CultureInfo.InvariantCulture))
            : throw Error(line, column, $"'{text}' is not a number");
    }

    // 16#FF
    private static bool TryParseBase(string text, out BigInteger value)
    {
        value = BigInteger.Zero;
        int hash = text.IndexOf('#', StringComparison.Ordinal);
        if (hash < 0
            || text.Length > 40
            || !int.TryParse(text.AsSpan(0, hash), NumberStyles.None, CultureInfo.InvariantCulture, out int radix)
            || radix is < 2 or > 36
            || hash + 1 == text.Length)
        {
            return false;
        }

        foreach (char c in text.AsSpan(hash + 1))
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetter(c) ? (c | 0x20) - 'a' + 10 : radix;
            if (digit >= radix)
            {
                return false;
            }

            value = (value * radix) + digit;
        }

        return true;
    }

    private string Bounded(string text) => text.Length <= LongestText
        ? text
        : throw Error(_line, _column, $"a text has at most {LongestText} characters");
}
