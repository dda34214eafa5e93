using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Warren.Core.Security;

/// <summary>One regular expression of a permission, compiled, with the answers it has given.</summary>
/// <remarks>
/// Thread-safe. Matched without backtracking, so that no expression and no name takes more than linear time; what that
/// engine cannot do (look-around, back-references) runs with a time limit. Whatever cannot be decided is refused.
/// </remarks>
internal sealed class PermissionPattern
{
    private const int AnswersKept = 10_000; // names are chosen by clients

    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, bool> _answers = new(StringComparer.Ordinal);
    private readonly Regex? _regex;
    private readonly bool _matchesAll;
    private readonly bool _matchesEmptyOnly;
    private volatile bool _tooSlow;

    public PermissionPattern(string pattern)
    {
        _matchesAll = pattern is ".*" or "^.*$" or "^.*" or ".*$";
        _matchesEmptyOnly = pattern is "" or "^$";
        if (!_matchesAll && !_matchesEmptyOnly)
        {
            _regex = Compile(pattern);
        }
    }

    public bool IsMatch(string name)
    {
        if (_matchesAll)
        {
            return true;
        }

        if (_matchesEmptyOnly)
        {
            return name.Length == 0;
        }

        if (_answers.TryGetValue(name, out bool answer))
        {
            return answer;
        }

        answer = Ask(name);
        if (_answers.Count >= AnswersKept)
        {
            _answers.Clear();
        }

        _answers[name] = answer;
        return answer;
    }

    /// <summary>Puts values in the place of their names in braces, so that they can only match themselves.</summary>
    public static string Substitute(string pattern, string user, string virtualHost, string? clientId)
    {
        string expanded = pattern
            .Replace("{username}", Literal(user), StringComparison.Ordinal)
            .Replace("{vhost}", Literal(virtualHost), StringComparison.Ordinal);
        return clientId is null ? expanded : expanded.Replace("{client_id}", Literal(clientId), StringComparison.Ordinal);
    }

    /// <summary>The same without keeping the answer: for very many names that are asked about once.</summary>
    /// <remarks>One name that takes too long is enough to know that the expression does: it matches nothing from then on.</remarks>
    public bool IsMatchOnce(string name) => _matchesAll || (_matchesEmptyOnly ? name.Length == 0 : !_tooSlow && Ask(name));

    private bool Ask(string name)
    {
        try
        {
            return _regex is not null && _regex.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            _tooSlow = true;
            return false;
        }
    }

    private static Regex? Compile(string pattern)
    {
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchLimit);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, RegexOptions.CultureInvariant, MatchLimit);
        }
        catch (ArgumentException)
        {
            return null; // an expression that cannot be read grants nothing
        }
    }

    // Every character that could mean something, also between brackets, by its number. Braces are among them, so a
    // value cannot bring in the name of another one.
    private static string Literal(string value)
    {
        var escaped = new StringBuilder(value.Length);
        foreach (char c in value)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                escaped.Append(c);
            }
            else
            {
                escaped.Append("\\u").Append(((int)c).ToString("X4"));
            }
        }

        return escaped.ToString();
    }
}
