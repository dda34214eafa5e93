using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using Warren.Buffers.Fields;

namespace Warren.Wire.Amqp091;

/// <summary>Reads the arguments of one method in their order (AMQP 0-9-1, 4.2.5).</summary>
/// <remarks>Throws 501 FRAME_ERROR when the arguments end too early or too late, with the method filled in.</remarks>
internal ref struct ArgumentReader
{
    private readonly ReadOnlySpan<byte> _arguments;
    private readonly MethodId _method;
    private int _at;

    internal ArgumentReader(MethodId method, ReadOnlySpan<byte> arguments)
    {
        _method = method;
        _arguments = arguments;
    }

    /// <summary>An octet, or up to eight bits packed into it.</summary>
    internal byte Octet() => Take(1)[0];

    internal ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(sizeof(ushort)));

    internal uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(sizeof(uint)));

    internal ulong UInt64() => BinaryPrimitives.ReadUInt64BigEndian(Take(sizeof(ulong)));

    /// <summary>The access ticket, or another argument that lost its meaning.</summary>
    internal void ReservedUInt16() => _ = Take(sizeof(ushort));

    internal ReadOnlySpan<byte> ShortString() => Take(Octet());

    internal ReadOnlySpan<byte> LongString()
    {
        uint length = UInt32();
        if (length > (uint)(_arguments.Length - _at))
        {
            ConnectionError.ThrowCannotDecode(_method, _arguments);
        }

        return Take((int)length);
    }

    /// <summary>A short string that is shown to people and compared by name: it has to be UTF-8.</summary>
    internal ReadOnlySpan<byte> Name()
    {
        ReadOnlySpan<byte> name = ShortString();
        if (!Utf8.IsValid(name))
        {
            ConnectionError.ThrowNotUtf8(_method);
        }

        return name;
    }

    /// <summary>A field table, checked to any depth, without its length prefix.</summary>
    internal ReadOnlySpan<byte> Table()
    {
        ReadOnlySpan<byte> table = LongString();
        FieldTableFault fault = FieldTableReader.Check(table);
        if (fault != FieldTableFault.None)
        {
            ConnectionError.ThrowMalformedTable(_method, fault.ToString());
        }

        return table;
    }

    /// <summary>Nothing may follow.</summary>
    internal readonly void End()
    {
        if (_at != _arguments.Length)
        {
            ConnectionError.ThrowCannotDecode(_method, _arguments);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ReadOnlySpan<byte> Take(int length)
    {
        int start = _at;
        if (length > _arguments.Length - start)
        {
            ConnectionError.ThrowCannotDecode(_method, _arguments);
        }

        _at = start + length;
        return _arguments.Slice(start, length);
    }
}
