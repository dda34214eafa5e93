using System.Text.RegularExpressions;

namespace Warren.Management.Listing;

/// <summary>The query parameters <c>name</c> and <c>use_regex</c>: part of a name, or an expression, whatever its case.</summary>
/// <remarks>
/// Expressions run without backtracking, in time linear in the name; what that engine cannot do has a time limit for
/// each name and for the list. A bad expression matches nothing, as in RabbitMQ 4.
/// </remarks>
public sealed class NameFilter
{
    private const int LongestExpression = 1024;

    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(50);

    private readonly string _part = "";
    private readonly Regex? _expression;
    private readonly bool _matchesNothing;
    private bool _tooSlow;

    /// <param name="name">Part of a name, or the expression.</param>
    /// <param name="isExpression">Which of the two.</param>
    public NameFilter(string name, bool isExpression)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!isExpression)
        {
            _part = name;
            return;
        }

        _expression = name.Length > LongestExpression ? null : Compile(name);
        _matchesNothing = _expression is null;
    }

    /// <summary>Whether a name is meant. Not thread-safe.</summary>
    public bool Matches(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (_expression is null)
        {
            return !_matchesNothing && name.Contains(_part, StringComparison.OrdinalIgnoreCase);
        }

        try
        {
            return !_tooSlow && _expression.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            // One name is enough to know: a thousand of them would hold the request for a minute.
            _tooSlow = true;
            return false;
        }
    }

    private static Regex? Compile(string expression)
    {
        const RegexOptions Common = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;
        try
        {
            return new Regex(expression, Common | RegexOptions.NonBacktracking, MatchLimit);
        }
        catch (NotSupportedException)
        {
            return new Regex(expression, Common, MatchLimit);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
