using System.Globalization;

namespace Warren.Server.Configuration.Erlang;

/// <summary>Reads the one term of an Erlang configuration file: <c>[{rabbit, [{heartbeat, 30}]}].</c></summary>
/// <remarks>
/// Not thread-safe. Depth and number of terms are bounded; every error names file, line and column, and a missing comma is
/// reported where it belongs, not where its absence was noticed.
/// </remarks>
public sealed class ErlangTermReader
{
    private const int DeepestNesting = 64;
    private const int MostTerms = 100_000;

    private readonly ErlangLexer _lexer;
    private ErlangToken _current;
    private ErlangToken _previous;
    private int _terms;

    private ErlangTermReader(string text, string file)
    {
        _lexer = new ErlangLexer(text, file);
        _current = _lexer.Next();
    }

    /// <summary>Reads text.</summary>
    /// <param name="text">The whole file.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="ConfigurationError">It is not one Erlang term with a full stop behind it.</exception>
    public static ErlangTerm Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var reader = new ErlangTermReader(text, file);
        ErlangTerm term = reader.ReadTerm(0);
        reader.ExpectEnd();
        return term;
    }

    private ErlangTerm ReadTerm(int depth)
    {
        if (depth > DeepestNesting)
        {
            throw Here($"terms are nested deeper than {DeepestNesting}");
        }

        if (++_terms > MostTerms)
        {
            throw Here($"a configuration has at most {MostTerms} terms");
        }

        ErlangToken token = _current;
        if (token.Is('[') || token.Is('{'))
        {
            return ReadSequence(depth, token.Is('['));
        }

        ErlangTermKind kind = token.Kind switch
        {
            ErlangTokenKind.Atom => ErlangTermKind.Atom,
            ErlangTokenKind.Integer => ErlangTermKind.Integer,
            ErlangTokenKind.Float => ErlangTermKind.Float,
            ErlangTokenKind.String => ErlangTermKind.String,
            ErlangTokenKind.Binary => ErlangTermKind.Binary,
            _ => throw Here($"expected a term, found {token}"),
        };
        Advance();
        return new ErlangTerm(kind, token.Text, [], token.Line, token.Column);
    }

    private ErlangTerm ReadSequence(int depth, bool isList)
    {
        ErlangToken open = _current;
        char close = isList ? ']' : '}';
        string what = isList ? "list" : "tuple";
        var items = new List<ErlangTerm>();
        Advance();
        while (!_current.Is(close))
        {
            if (items.Count > 0)
            {
                ExpectComma(open, items[^1], close, what);
            }

            items.Add(ReadTerm(depth + 1));
        }

        Advance();
        return new ErlangTerm(isList ? ErlangTermKind.List : ErlangTermKind.Tuple, "", items, open.Line, open.Column);
    }

    private void ExpectComma(ErlangToken open, ErlangTerm last, char close, string what)
    {
        if (_current.Is(','))
        {
            ErlangToken comma = _current;
            Advance();
            if (_current.Is(close))
            {
                throw At(comma.Line, comma.Column, $"no comma may stand before the closing {close}");
            }

            return;
        }

        string opened = string.Create(CultureInfo.InvariantCulture, $"the {what} opened at line {open.Line}, column {open.Column}");
        if (_current.Kind == ErlangTokenKind.Punctuation || _current.Kind == ErlangTokenKind.End)
        {
            bool begins = _current.Is('[') || _current.Is('{');
            if (!begins)
            {
                throw Here($"{opened} is not closed by {close}: found {_current}");
            }
        }

        // Where it belongs: right behind what stands before it, however many comments later the next term is.
        throw At(
            _previous.EndLine,
            _previous.EndColumn,
            string.Create(
                CultureInfo.InvariantCulture,
                $"a comma is missing after {last}; without it the term at line {_current.Line}, column {_current.Column} cannot follow"));
    }

    private void ExpectEnd()
    {
        if (!_current.Is('.'))
        {
            throw _current.Kind == ErlangTokenKind.End
                ? At(_previous.EndLine, _previous.EndColumn, "the full stop that ends the term is missing")
                : Here($"expected the full stop that ends the term, found {_current}");
        }

        Advance();
        if (_current.Kind != ErlangTokenKind.End)
        {
            throw Here($"a configuration is one term, found {_current} after its full stop");
        }
    }

    private void Advance()
    {
        _previous = _current;
        _current = _lexer.Next();
    }

    private ConfigurationError Here(string message) => At(_current.Line, _current.Column, message);

    private ConfigurationError At(int line, int column, string message) => _lexer.Error(line, column, message);
}
