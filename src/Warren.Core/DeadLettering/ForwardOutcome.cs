namespace Warren.Core.DeadLettering;

/// <summary>What became of one dead letter.</summary>
internal enum ForwardOutcome
{
    /// <summary>It is stored where it goes, or it goes nowhere; its source has given it back.</summary>
    Done,

    /// <summary>It cannot be forwarded now, and neither can what follows: it stays with its source.</summary>
    Later,

    /// <summary>This one cannot be forwarded now: it stays with its source, and what follows goes on.</summary>
    Aside,
}
