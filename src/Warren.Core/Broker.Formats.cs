using Warren.Core.Messages;
using Warren.Core.Sessions;

namespace Warren.Core;

/// <content>What protocols bring: the encodings of properties, and what may be retained.</content>
public sealed partial class Broker
{
    /// <summary>Makes an encoding of properties known. Before <see cref="Activate"/>: afterwards none is added.</summary>
    /// <param name="format">The encoding.</param>
    /// <param name="encodesOwn">Whether messages of the broker itself and of operators are written in it.</param>
    public void RegisterFormat(MessageFormat format, bool encodesOwn = false)
    {
        ArgumentNullException.ThrowIfNull(format);
        if (_isActive)
        {
            throw new InvalidOperationException("the broker is active: what it met before would have had another format");
        }

        _formats[format.Tag] = format;
        OwnFormat = encodesOwn ? format : OwnFormat;
    }

    /// <summary>The encoding of messages that the broker itself and operators publish; null: its protocol is not there.</summary>
    public MessageFormat? OwnFormat { get; private set; }

    /// <summary>The encoding with this tag; null means that there is no such protocol, and never that it is not there yet.</summary>
    /// <exception cref="InvalidOperationException">The broker is not active: nobody can know yet.</exception>
    public MessageFormat? FindFormat(byte tag) => _isActive
        ? _formats[tag]
        : throw new InvalidOperationException("formats are asked for before the broker is active");

    /// <summary>What may be retained; set by the protocol that has retained messages.</summary>
    public RetainedLimits RetainedLimits
    {
        get => Volatile.Read(ref _retainedLimits);
        set => Volatile.Write(ref _retainedLimits, value);
    }
}
